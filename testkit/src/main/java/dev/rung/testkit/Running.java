package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program under way. */
public final class Running implements AutoCloseable {
    private final List<String> arguments;
    private final Process process;
    private final Path output;
    private final Path errors;

    Running(List<String> arguments, Process process, Path output, Path errors) {
        this.arguments = arguments;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it, and all that inherited its stdout, printed there up to now. */
    public String output() {
        return read(output);
    }

    /** The same of stderr. */
    public String errors() {
        return read(errors);
    }

    /** Waits until its output is as wished, at most 30 s. */
    public void awaitOutput(Predicate<String> wish) {
        Patience.await(
                () -> wish.test(output()),
                () -> arguments + " printed: " + output() + "; on stderr: " + errors());
    }

    /** Sends a signal by name, such as TERM. */
    public void signal(String name) {
        Command.of("kill", "-" + name, Long.toString(pid())).succeed();
    }

    /** Waits for its end. */
    public Outcome await(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        "%s took more than %s; it printed: %s; on stderr: %s"
                                .formatted(arguments, limit, output(), errors()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(arguments + " was interrupted", e);
        }
        return new Outcome(arguments, process.exitValue(), output(), errors());
    }

    /** Kills it, if it still runs, and forgets its output. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
