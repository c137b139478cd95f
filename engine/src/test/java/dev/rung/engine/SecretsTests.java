package dev.rung.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTests {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Secrets secrets() {
        String id = "0123456789abcdef0123456789abcdef";
        return new Secrets(folder, () -> id, new Events(Clock.systemUTC()), Clock.systemUTC());
    }

    @Test
    void shouldLeaveOutThoseThatCannotBeReadAndRemoveWhatAnEndInTheMiddleHasLeft()
            throws IOException {
        byte[] value = "hush".getBytes(StandardCharsets.UTF_8);
        Secret kept = secrets().create("kept", value, Map.of());
        Files.createDirectories(folder.resolve("torn"));
        Files.writeString(folder.resolve("torn/secret.json"), "{\"format\": 1, \"na");
        Files.writeString(folder.resolve("torn/value"), "still there");
        Files.createDirectories(folder.resolve("unreadable/secret.json"));
        Files.createFile(folder.resolve("stray"));
        Files.createDirectories(folder.resolve("half"));
        Files.writeString(folder.resolve("half/value"), "nobody was told");

        Secrets secrets = secrets();

        assertThat(secrets.list()).containsExactly(kept);
        assertThat(secrets.value(kept.id())).isEqualTo(value);
        assertThat(folder.resolve("torn/value")).hasContent("still there");
        assertThat(folder.resolve("unreadable/secret.json")).isDirectory();
        assertThat(folder.resolve("half")).doesNotExist();
    }
}
