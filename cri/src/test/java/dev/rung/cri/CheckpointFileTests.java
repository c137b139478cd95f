package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarReader;
import dev.rung.image.tar.TarWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTests {
    private static final String CONFIG =
            "{\"rootfsImageRef\":\"sha256:1\",\"rootfsImage\":\"app\"}";

    @TempDir private Path folder = Path.of("");

    private Path archive(Map<String, String> files) throws IOException {
        Path archive = folder.resolve("archive.tar");
        try (var tar = new TarWriter(Files.newOutputStream(archive))) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
                tar.begin(
                        CheckpointArchives.entry(
                                TarEntry.Kind.FILE, file.getKey(), 0600, text.length));
                tar.write(text, 0, text.length);
            }
        }
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-------"));
        return archive;
    }

    private Path images() throws IOException {
        return Files.createDirectory(folder.resolve("images"));
    }

    @Test
    void shouldTellWhatItIsBasedOnAndUnpackWhatIsCriusAlone() throws IOException {
        Path archive =
                archive(
                        Map.of(
                                "config.dump", CONFIG,
                                "checkpoint/inventory.img", "inventory",
                                "checkpoint/core-1.img", "core",
                                "rootfs-diff.tar", "changes",
                                "spec.dump", "{}"));
        Path images = images();
        try (CheckpointFile file = CheckpointFile.open(archive)) {
            assertThat(file.baseImages()).containsExactly("sha256:1", "app");
            assertThat(file.unpack(images)).containsExactly(images.resolve("rootfs-diff.tar"));
        }
        assertThat(images.resolve("core-1.img")).hasContent("core");
        try (var all = Files.list(images)) {
            assertThat(all).hasSize(3);
        }
    }

    @Test
    void shouldTakeAListOfWhatIsGoneForWhiteouts() throws IOException {
        Path archive =
                archive(
                        Map.of(
                                "checkpoint/inventory.img", "inventory",
                                "deleted.files", "[\"/etc/gone\",\"../../outside\",\"/\"]"));
        List<Path> layers;
        try (CheckpointFile file = CheckpointFile.open(archive)) {
            layers = file.unpack(images());
        }
        var names = new ArrayList<String>();
        try (var in = new BufferedInputStream(Files.newInputStream(layers.getFirst()))) {
            var tar = new TarReader(in);
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                names.add(entry.name().toString());
            }
        }
        assertThat(names).containsExactly("etc/.wh.gone", ".wh.outside");
    }

    @Test
    void shouldRefuseWhatLeavesItsFolder() throws IOException {
        for (String name :
                List.of(
                        "checkpoint/../escaped",
                        "checkpoint/deep/file",
                        "checkpoint/..",
                        "checkpoint/rootfs-diff.tar")) {
            Path archive = archive(Map.of(name, "x"));
            Path images = Files.createTempDirectory(folder, "images");
            try (CheckpointFile file = CheckpointFile.open(archive)) {
                assertThatThrownBy(() -> file.unpack(images))
                        .isInstanceOf(Failure.Invalid.class)
                        .hasMessageContaining("want a file of criu's");
            }
        }
        assertThat(folder.resolve("escaped")).doesNotExist();
    }

    @Test
    void shouldRefuseWhatIsNoCheckpoint() throws IOException {
        Path archive = archive(Map.of("other", "x"));
        Path images = images();
        try (CheckpointFile file = CheckpointFile.open(archive)) {
            assertThatThrownBy(file::baseImages).hasMessageContaining("has no config.dump");
            assertThatThrownBy(() -> file.unpack(images))
                    .hasMessageContaining("has no checkpoint/inventory.img");
        }
    }

    @Test
    void shouldRefuseWhatOthersMayWriteAndLinks() throws IOException {
        Path archive = archive(Map.of("config.dump", CONFIG));
        Path link = Files.createSymbolicLink(folder.resolve("link"), archive);
        assertThatThrownBy(() -> CheckpointFile.open(link)).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> CheckpointFile.open(folder)).isInstanceOf(Failure.Invalid.class);
        Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-rw----"));
        assertThatThrownBy(() -> CheckpointFile.open(archive))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageContaining("nobody else writes");
    }
}
