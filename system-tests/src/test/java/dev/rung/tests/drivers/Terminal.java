package dev.rung.tests.drivers;

import dev.rung.testkit.Command;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A program on a pseudo-terminal of its own, which script(1) makes, 77 columns by 33 rows at first.
 */
public final class Terminal implements AutoCloseable {
    private final List<String> arguments;
    private final Path device;
    private final Path output;
    private final Process process;

    /** A program of a room. */
    Terminal(Room room, List<String> arguments) {
        this(room.folder(), arguments, room::entering);
    }

    /** A program of here, and a folder for its files. */
    public Terminal(Path folder, List<String> arguments) {
        this(folder, arguments, UnaryOperator.identity());
    }

    private Terminal(Path folder, List<String> arguments, UnaryOperator<List<String>> entering) {
        this.arguments = arguments;
        var program = new StringBuilder();
        arguments.forEach(
                word -> program.append(" '").append(word.replace("'", "'\\''")).append("'"));
        try {
            device = Files.createTempFile(folder, "tty", "");
            output = Files.createTempFile(folder, "typescript", "");
            String line = "stty cols 77 rows 33; tty >%s; exec%s".formatted(device, program);
            List<String> words =
                    entering.apply(List.of("script", "-q", "-e", "-f", "-c", line, "/dev/null"));
            var builder = new ProcessBuilder(words).redirectErrorStream(true);
            builder.redirectOutput(output.toFile());
            builder.environment().put("SHELL", "/bin/sh");
            builder.environment().put("TERM", "xterm");
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Types these characters. */
    public Terminal type(String characters) {
        try {
            OutputStream keyboard = process.getOutputStream();
            keyboard.write(characters.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the window another size; what runs in it gets SIGWINCH. */
    public Terminal resize(int columns, int rows) {
        Command.of("stty", "-F", read(device).strip(), "cols", "" + columns, "rows", "" + rows)
                .succeed();
        return this;
    }

    /** All that was printed up to now. */
    public String output() {
        return read(output);
    }

    /** Waits until these words were printed. */
    public Terminal await(String words) {
        Patience.await(
                () -> output().contains(words) || !process.isAlive(),
                () -> "no \"" + words + "\" of " + arguments + ": " + output());
        if (!output().contains(words)) {
            throw new AssertionError(
                    "no \"" + words + "\" of " + arguments + ", which ended: " + output());
        }
        return this;
    }

    /** Waits until the program ends. */
    public Outcome await(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(arguments + " did not end; it printed: " + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(arguments + " was interrupted", e);
        }
        return new Outcome(arguments, process.exitValue(), output(), "");
    }

    /** Kills the program, if it still runs. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
