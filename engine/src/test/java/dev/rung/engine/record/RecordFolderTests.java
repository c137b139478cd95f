package dev.rung.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFolderTests {
    @TempDir private Path folder;

    @Test
    void shouldReadBackWhatWasWritten() {
        var records = new RecordFolder(folder.resolve("containers"));
        ContainerRecord record = record("abc");
        records.write(record, true);
        assertThat(records.readAll().records()).containsExactly(record);
        ContainerRecord later =
                record.startedAt(Instant.parse("2026-01-02T03:04:06Z"), 2)
                        .named(new ContainerName("other"));
        records.write(later, false);
        assertThat(records.readAll().records()).containsExactly(later);
    }

    @Test
    void shouldRemoveAllThereIs() throws Exception {
        var records = new RecordFolder(folder);
        ContainerRecord record = record("abc");
        records.write(record, false);
        Files.createDirectories(records.of(record.id()).resolve("more/deeper"));
        records.remove(record.id());
        records.remove(record.id());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldRefuseWhatItCouldNotReadAgain() {
        var records = new RecordFolder(folder);
        ContainerRecord record = record("abc");
        records.write(record, true);
        ContainerRecord huge = record.failed("x".repeat(Json.LARGEST));
        assertThatThrownBy(() -> records.write(huge, true)).isInstanceOf(Failure.Invalid.class);
        assertThat(records.readAll().records()).containsExactly(record);
    }

    @Test
    void shouldTakeForGoneWhatAPowerCutEmptied() throws Exception {
        var records = new RecordFolder(folder);
        for (byte[] content : List.of(new byte[0], new byte[100])) {
            Files.createDirectories(folder.resolve("lost"));
            Files.write(folder.resolve("lost/container.json"), content);
            RecordFolder.Found found = records.readAll();
            assertThat(found.records()).isEmpty();
            assertThat(found.unread()).isEmpty();
        }
        assertThat(records.names()).containsExactly("lost");
    }

    @Test
    void shouldLeaveUnfinishedOnesAlone() throws Exception {
        var records = new RecordFolder(folder);
        Files.createDirectory(folder.resolve("half"));
        Files.writeString(folder.resolve("half/container.json.new"), "{\"form");
        assertThat(records.readAll().records()).isEmpty();
        assertThat(records.readAll().unread()).isEmpty();
    }

    @Test
    void shouldNameThoseThatCannotBeRead() throws Exception {
        var records = new RecordFolder(folder);
        Files.createDirectory(folder.resolve("newer"));
        Files.writeString(folder.resolve("newer/container.json"), "{\"format\":2}");
        Files.createDirectory(folder.resolve("torn"));
        Files.writeString(folder.resolve("torn/container.json"), "{\"format\":1,\"id\":");
        Files.createDirectories(folder.resolve("unreadable/container.json"));
        assertThat(records.readAll().unread())
                .containsExactlyInAnyOrder("newer", "torn", "unreadable");
        assertThat(records.readAll().records()).isEmpty();
    }

    @Test
    void shouldSayWhatIsWrongWithThem() throws Exception {
        assertThat(told("{\"format\":2}")).contains("a newer Rung wrote it");
        assertThat(told("{\"format\":1,\"id\":")).contains("container.json: damaged record");
        Files.delete(folder.resolve("container.json"));
        Files.createDirectory(folder.resolve("container.json"));
        assertThat(told()).startsWith("read \"" + folder.resolve("container.json") + "\": ");
    }

    private String told(String content) throws Exception {
        Files.writeString(folder.resolve("container.json"), content);
        return told();
    }

    private String told() throws Exception {
        Path file = folder.resolve("container.json");
        var told = new StringBuilder();
        RecordReading.orTold(
                file,
                () -> ContainerRecord.read(file.toString(), RecordFile.read(file)),
                told::append);
        return told.toString();
    }

    @Test
    void shouldBeForTheOwnerAlone() throws Exception {
        var records = new RecordFolder(folder.resolve("containers"));
        records.write(record("abc"), false);
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(records.of(new ContainerId("abc")))))
                .isEqualTo("rwx------");
    }

    @Test
    void shouldMakeUpNamesAndIds() {
        var names = new RandomNames(new Random(7));
        var seen = new HashSet<String>();
        for (int i = 0; i < 1000; i++) {
            String id = names.id().value();
            assertThat(id).matches("[0-9a-f]{64}");
            assertThat(id.substring(0, 12)).matches(".*[a-f].*");
            seen.add(names.name(i % 2 == 0).value());
        }
        assertThat(seen)
                .hasSizeGreaterThan(500)
                .allMatch(name -> name.matches("[a-z]+_[a-z]+[0-9]?"));
    }

    private static ContainerRecord record(String id) {
        return new ContainerRecord(
                new ContainerId(id),
                new ContainerName("web"),
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                ContainerConfig.read(
                        fields(
                                """
                                {"Cmd":["sh"],"Env":["A=1"],"Labels":{"a":"b"},"Image":"busybox",
                                 "StopTimeout":3,"Entrypoint":[],"Volumes":{"/data":{}}}
                                """)),
                HostOptions.read(fields("{\"NetworkMode\":\"none\",\"ShmSize\":1024}")),
                "sha256:00",
                List.of(new MountPoint("volume", "data", "/v/data", "/data", true, "")),
                List.of(
                        NetworkWish.of("bridge"),
                        new NetworkWish(
                                "back", List.of("db"), List.of("web:www"), "10.0.0.9", "", "", 5)),
                null,
                false,
                0,
                "");
    }

    private static JsonFields fields(String json) {
        return JsonFields.read("test", json.getBytes(StandardCharsets.UTF_8));
    }
}
