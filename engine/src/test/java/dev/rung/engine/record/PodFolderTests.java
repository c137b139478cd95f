package dev.rung.engine.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodFolderTests {
    @TempDir private Path folder;

    @Test
    void shouldTakeForLitterWhatAPowerCutEmptied() throws IOException {
        var pods = new PodFolder(folder);
        for (byte[] content : List.of(new byte[0], new byte[100])) {
            Files.createDirectories(folder.resolve("lost"));
            Files.write(folder.resolve("lost/pod.json"), content);
            assertThat(pods.readAll()).isEmpty();
            assertThat(pods.litter()).containsExactly("lost");
        }
    }

    @Test
    void shouldKeepWhatCannotBeRead() throws IOException {
        var pods = new PodFolder(folder);
        Files.createDirectory(folder.resolve("torn"));
        Files.writeString(folder.resolve("torn/pod.json"), "{\"format\":1,");
        assertThat(pods.readAll()).isEmpty();
        assertThat(pods.litter()).isEmpty();
    }
}
