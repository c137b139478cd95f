package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
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
            assertThat(new Checkpoint(file).baseImages()).containsExactly("sha256:1", "app");
            assertThat(new Checkpoint(file).unpack(images))
                    .containsExactly(images.resolve("rootfs-diff.tar"));
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
            layers = new Checkpoint(file).unpack(images());
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
                        "checkpoint/.hidden",
                        "checkpoint/a\nb",
                        "checkpoint/rootfs-diff.tar")) {
            Path archive = archive(Map.of(name, "x"));
            Path images = Files.createTempDirectory(folder, "images");
            try (CheckpointFile file = CheckpointFile.open(archive)) {
                assertThatThrownBy(() -> new Checkpoint(file).unpack(images))
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
            assertThatThrownBy(() -> new Checkpoint(file).baseImages())
                    .hasMessageContaining("has no config.dump");
            assertThatThrownBy(() -> new Checkpoint(file).unpack(images))
                    .hasMessageContaining("has no checkpoint/inventory.img");
        }
    }

    @Test
    void shouldRefuseWhatIsNoFile() throws IOException {
        for (TarEntry.Kind kind :
                List.of(
                        TarEntry.Kind.SYMLINK,
                        TarEntry.Kind.HARD_LINK,
                        TarEntry.Kind.FIFO,
                        TarEntry.Kind.FOLDER)) {
            for (String name : List.of("checkpoint/core-1.img", "config.dump", "rootfs-diff.tar")) {
                Path archive = folder.resolve("kinds.tar");
                try (var tar = new TarWriter(Files.newOutputStream(archive))) {
                    tar.begin(entry(kind, name));
                }
                Files.setPosixFilePermissions(
                        archive, PosixFilePermissions.fromString("rw-------"));
                Path images = Files.createTempDirectory(folder, "images");
                try (CheckpointFile file = CheckpointFile.open(archive)) {
                    assertThatThrownBy(() -> new Checkpoint(file).unpack(images))
                            .isInstanceOf(Failure.Invalid.class)
                            .hasMessageContaining(name + "\": want a file");
                }
                assertThat(images).isEmptyDirectory();
            }
        }
    }

    private static TarEntry entry(TarEntry.Kind kind, String name) {
        boolean link = kind == TarEntry.Kind.SYMLINK || kind == TarEntry.Kind.HARD_LINK;
        return new TarEntry(
                kind,
                KernelPath.of(name),
                KernelPath.of(link ? "/etc/shadow" : ""),
                0600,
                0,
                0,
                0,
                TarEntry.Time.EPOCH,
                0,
                List.of(),
                null);
    }

    @Test
    void shouldRefuseWhatIsThereTwice() throws IOException {
        Path archive = folder.resolve("twice.tar");
        try (var tar = new TarWriter(Files.newOutputStream(archive))) {
            tar.begin(entry(TarEntry.Kind.FILE, "checkpoint/core-1.img"));
            tar.begin(entry(TarEntry.Kind.FILE, "./checkpoint/core-1.img"));
        }
        Path images = images();
        try (CheckpointFile file = CheckpointFile.open(archive)) {
            assertThatThrownBy(() -> new Checkpoint(file).unpack(images))
                    .hasMessageContaining("core-1.img\": it is there twice");
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
