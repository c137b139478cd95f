package dev.rung.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerFilesTests {
    @TempDir private Path folder = Path.of("");

    private Path upper = Path.of("");
    private Path lower = Path.of("");

    @BeforeEach
    void makeLayers() throws IOException {
        upper = folder.resolve("upper");
        Files.createDirectories(upper.resolve("deep"));
        lower = folder.resolve("lower");
        Files.createDirectories(lower.resolve("deep"));
    }

    private LayerFiles open() {
        return new LayerFiles("image \"x\"", LayerStack.open(List.of(upper, lower)));
    }

    private String text(LayerFiles files, String path) throws IOException {
        var text = new StringBuilder();
        boolean there =
                files.read(
                        KernelPath.of(path),
                        (size, content) -> {
                            byte[] all = content.readAllBytes();
                            assertThat(size).isEqualTo(all.length);
                            text.append(new String(all, StandardCharsets.UTF_8));
                        });
        return there ? text.toString() : "nothing";
    }

    @Test
    void shouldReadWhatLayersShowTogether() throws IOException {
        Files.writeString(lower.resolve("deep/both"), "lower");
        Files.writeString(lower.resolve("deep/low"), "low");
        Files.writeString(upper.resolve("deep/both"), "upper");
        try (LayerFiles files = open()) {
            assertThat(files.names(KernelPath.of("deep")))
                    .containsExactly(KernelPath.of("both"), KernelPath.of("low"));
            assertThat(text(files, "deep/both")).isEqualTo("upper");
            assertThat(text(files, "deep/low")).isEqualTo("low");
            assertThat(text(files, "deep/none")).isEqualTo("nothing");
            assertThat(text(files, "none/low")).isEqualTo("nothing");
            assertThat(files.names(KernelPath.of("none"))).isNull();
        }
    }

    @Test
    void shouldFollowNoLink() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createSymbolicLink(upper.resolve("deep/file"), outside.resolve("secret"));
        Files.createSymbolicLink(upper.resolve("elsewhere"), outside);
        Files.createDirectory(lower.resolve("elsewhere"));
        Files.writeString(lower.resolve("elsewhere/secret"), "hidden");
        try (LayerFiles files = open()) {
            assertThatThrownBy(() -> text(files, "deep/file"))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessage("image \"x\": \"deep/file\": want a file");
            assertThatThrownBy(() -> files.names(KernelPath.of("elsewhere")))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessage("image \"x\": \"elsewhere\": want a folder");
            assertThat(text(files, "elsewhere/secret")).isEqualTo("nothing");
            assertThatThrownBy(() -> text(files, "deep")).hasMessageContaining("want a file");
        }
    }

    @Test
    void shouldRefuseAFileOfHoles() throws IOException {
        try (var file = new RandomAccessFile(upper.resolve("deep/hollow").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        try (LayerFiles files = open()) {
            assertThatThrownBy(() -> text(files, "deep/hollow"))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("want no sparse file");
        }
    }
}
