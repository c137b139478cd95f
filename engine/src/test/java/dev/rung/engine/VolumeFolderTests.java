package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeFolderTests {
    @TempDir private Path folder;

    @Test
    void shouldReadBackWhatWasMade() {
        var volumes = new VolumeFolder(folder);
        var made =
                new Volume("kept", Instant.EPOCH, Map.of("a", "b"), Map.of(), volumes.data("kept"));
        volumes.make(made);
        assertThat(volumes.readAll()).containsExactly(Map.entry("kept", made));
    }

    @Test
    void shouldRemoveWhatAnEndInTheMiddleHasLeft() throws Exception {
        var volumes = new VolumeFolder(folder);
        Files.createDirectories(volumes.data("half"));
        assertThat(volumes.readAll()).isEmpty();
        assertThat(folder.resolve("half")).doesNotExist();
    }

    @Test
    void shouldLeaveOutThoseThatCannotBeReadAsTheyAre() throws Exception {
        var volumes = new VolumeFolder(folder);
        volumes.make(volume(volumes, "good"));
        for (String name : new String[] {"torn", "newer"}) {
            volumes.make(volume(volumes, name));
            Files.writeString(volumes.data(name).resolve("file"), name);
        }
        Files.writeString(folder.resolve("torn/volume.json"), "{\"format\": 1, \"crea");
        Files.writeString(folder.resolve("newer/volume.json"), "{\"format\": 2}");
        Files.createDirectories(folder.resolve("unreadable/volume.json"));
        Files.writeString(folder.resolve("stray"), "");
        assertThat(volumes.readAll()).containsOnlyKeys("good");
        assertThat(volumes.data("torn").resolve("file")).hasContent("torn");
        assertThat(volumes.data("newer").resolve("file")).hasContent("newer");
        assertThatThrownBy(() -> volumes.make(volume(volumes, "torn")))
                .isInstanceOf(Failure.Corrupt.class)
                .hasMessageContaining("torn/volume.json");
        assertThat(folder.resolve("torn/volume.json")).hasContent("{\"format\": 1, \"crea");
    }

    private static Volume volume(VolumeFolder volumes, String name) {
        return new Volume(name, Instant.EPOCH, Map.of(), Map.of(), volumes.data(name));
    }
}
