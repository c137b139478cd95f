package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program to run, in a small environment of its own: PATH, HOME and LC_ALL, and nothing that the
 * caller has. Its output goes to files, so a process that outlives it and keeps its descriptors
 * holds nobody up.
 */
public final class Command {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> arguments;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path folder = Path.of("/");
    private Duration limit = PATIENCE;
    private byte[] input = {};

    private Command(List<String> arguments) {
        this.arguments = arguments;
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", "/root");
        environment.put("LC_ALL", "C.UTF-8");
    }

    /** The program, looked up in PATH when it has no slash, and its arguments. */
    public static Command of(String... arguments) {
        return new Command(List.of(arguments));
    }

    /** The same from a list. */
    public static Command of(List<String> arguments) {
        return new Command(List.copyOf(arguments));
    }

    /** The same, run by another program such as setsid, whose last arguments this becomes. */
    public Command under(String... program) {
        var all = new ArrayList<>(List.of(program));
        all.addAll(arguments);
        var command = new Command(List.copyOf(all));
        command.environment.putAll(environment);
        command.folder = folder;
        command.limit = limit;
        command.input = input;
        return command;
    }

    /** Runs in this folder instead of /. */
    public Command in(Path workingFolder) {
        folder = workingFolder;
        return this;
    }

    /** Sets one variable. */
    public Command with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** What it reads from stdin, which is empty otherwise. */
    public Command reading(String text) {
        input = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    /** How long it may take, 30 s otherwise. */
    public Command within(Duration time) {
        limit = time;
        return this;
    }

    /** Runs it to its end. Too slow is an {@link AssertionError} with what it printed so far. */
    public Outcome run() {
        try (Running running = start()) {
            return running.await(limit);
        }
    }

    /** Runs it and expects status 0. */
    public Outcome succeed() {
        return run().succeeded();
    }

    /** Starts it; closing what is returned kills it. */
    public Running start() {
        try {
            Path output = Files.createTempFile("rung-out", "");
            Path errors = Files.createTempFile("rung-err", "");
            Path stdin = Files.createTempFile("rung-in", "");
            Files.write(stdin, input);
            var builder = new ProcessBuilder(new ArrayList<>(arguments));
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.directory(folder.toFile());
            builder.redirectInput(stdin.toFile());
            builder.redirectOutput(output.toFile());
            builder.redirectError(errors.toFile());
            var running = new Running(arguments, builder.start(), output, errors);
            Files.delete(stdin);
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
