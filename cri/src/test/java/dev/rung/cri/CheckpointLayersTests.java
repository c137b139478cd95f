package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.image.layer.LayerFiles;
import dev.rung.image.layer.LayerStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointLayersTests {
    @TempDir private Path folder = Path.of("");

    private Path upper = Path.of("");
    private Path lower = Path.of("");
    private Path images = Path.of("");

    @BeforeEach
    void makeLayers() throws IOException {
        upper = folder.resolve("upper");
        Files.createDirectories(upper.resolve("checkpoint"));
        lower = folder.resolve("lower");
        Files.createDirectories(lower.resolve("checkpoint"));
        images = Files.createDirectory(folder.resolve("images"));
        Files.writeString(lower.resolve("config.dump"), "{\"rootfsImageName\":\"app\"}");
        Files.writeString(lower.resolve("spec.dump"), "{}");
        Files.writeString(lower.resolve("checkpoint/inventory.img"), "inventory");
    }

    private List<Path> unpack() throws IOException {
        try (var layers = new LayerFiles("image \"x\"", LayerStack.open(List.of(upper, lower)))) {
            var checkpoint = new Checkpoint(new CheckpointLayers(layers));
            assertThat(checkpoint.baseImages()).containsExactly("app");
            return checkpoint.unpack(images);
        }
    }

    @Test
    void shouldTakeACheckpointOfSeveralLayers() throws IOException {
        Files.writeString(upper.resolve("checkpoint/core-1.img"), "core");
        Files.writeString(upper.resolve("rootfs-diff.tar"), "changes");
        Files.createSymbolicLink(upper.resolve("other"), Path.of("/etc/shadow"));

        assertThat(unpack()).containsExactly(images.resolve("rootfs-diff.tar"));
        assertThat(images.resolve("core-1.img")).hasContent("core");
        try (var all = Files.list(images)) {
            assertThat(all).hasSize(3);
        }
    }

    @Test
    void shouldRefuseLinksAndFolders() throws IOException {
        Path link = upper.resolve("checkpoint/pages-1.img");
        Files.createSymbolicLink(link, Path.of("/etc/shadow"));
        refused("\"checkpoint/pages-1.img\": want a file");
        Files.delete(link);
        Files.createDirectory(link);
        refused("\"checkpoint/pages-1.img\": want a file");
        Files.delete(link);
        Files.createSymbolicLink(upper.resolve("rootfs-diff.tar"), Path.of("checkpoint"));
        refused("\"rootfs-diff.tar\": want a file");
    }

    @Test
    void shouldRefuseALinkInThePlaceOfTheFolder() throws IOException {
        Files.delete(upper.resolve("checkpoint"));
        Files.createSymbolicLink(upper.resolve("checkpoint"), Path.of("/etc"));
        refused("\"checkpoint\": want a folder");
    }

    @Test
    void shouldTellWhatIsMissing() throws IOException {
        Files.delete(lower.resolve("checkpoint/inventory.img"));
        assertThatThrownBy(this::unpack)
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("image \"x\" has no checkpoint/inventory.img");
        Files.writeString(upper.resolve("config.dump"), "{}");
        refused("config.dump");
        Files.writeString(upper.resolve("config.dump"), " ".repeat(1 << 21));
        refused("want at most");
        Files.delete(upper.resolve("config.dump"));
        Files.delete(lower.resolve("config.dump"));
        refused("image \"x\" has no config.dump");
    }

    private void refused(String words) {
        assertThatThrownBy(this::unpack)
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }
}
