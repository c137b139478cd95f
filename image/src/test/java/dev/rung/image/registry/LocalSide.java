package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A person's side in this process: a file, and one folder with programs. */
record LocalSide(Path file, Path programs) implements PersonalSide {
    @Override
    public Map<String, String> environment() {
        return Map.of("HTTPS_PROXY", "http://proxy:1", "PATH", "/bin");
    }

    @Override
    public byte @Nullable [] read() {
        try {
            return Files.exists(file) ? Files.readAllBytes(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void replace(byte[] text) {
        try {
            Files.write(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Answer run(String program, String word, String input) {
        Path found = programs.resolve(program);
        if (!Files.isExecutable(found)) {
            throw new Failure.Unavailable(program + ": executable file not found in PATH", null);
        }
        try {
            Process process = new ProcessBuilder(found.toString(), word).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(UTF_8));
            }
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            return new Answer(process.waitFor() == 0, text);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
