package dev.rung.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A folder of its own with bundles, a private resident and the racing program. */
final class Workshop implements AutoCloseable {
    private static final List<String> APPLETS = List.of("sh", "true", "sleep");

    private final Path folder;
    private final Path runtime;
    private final Path race;
    private final Path home;
    private final Consumer<String> errors;
    private final Map<String, String> environment = new TreeMap<>();

    Workshop(Path folder, Path runtime, Path source, Consumer<String> errors) {
        this.errors = errors;
        this.folder = folder;
        this.runtime = runtime;
        this.race = folder.resolve("race");
        this.home = folder.resolve("home");
        environment.put("RUNG_HOME", home.toString());
        run(List.of("cc", "-O2", "-o", race.toString(), source.toString()));
        run(List.of("mkdir", "-m", "700", home.toString()));
    }

    /** A variable of all commands. */
    void variable(String name, String value) {
        environment.put(name, value);
    }

    Path home() {
        return home;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** A file with this text. */
    Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bundle of what "spec" writes, without a terminal, that runs this in busybox. */
    String bundle(String name, String... args) {
        try {
            Path bundle = folder.resolve(name);
            Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
            Path busybox = bin.resolve("busybox");
            Files.copy(Path.of("/bin/busybox"), busybox);
            busybox.toFile().setExecutable(true, false);
            for (String applet : APPLETS) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            run(List.of(runtime.toString(), "spec", "--bundle", bundle.toString()));
            Path config = bundle.resolve("config.json");
            String words = "\"" + String.join("\", \"", args) + "\"";
            String json =
                    Files.readString(config)
                            .replace("\"terminal\": true", "\"terminal\": false")
                            .replace("\"sh\"", words);
            Files.writeString(config, json);
            return bundle.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Times the lines in turn. */
    List<Timing> race(int rounds, int warmup, List<String> lines) {
        return race(List.of(Integer.toString(rounds), Integer.toString(warmup)), lines);
    }

    /** Times so many of each line, several at a time; their medians are a command's share. */
    List<Timing> jobs(int jobs, int count, List<String> lines) {
        return race(List.of("-j", Integer.toString(jobs), Integer.toString(count)), lines);
    }

    private List<Timing> race(List<String> options, List<String> lines) {
        try {
            Path plan = folder.resolve("plan");
            Files.write(plan, lines);
            var words = new ArrayList<String>();
            words.add(race.toString());
            words.addAll(options);
            words.add(plan.toString());
            var timings = new ArrayList<Timing>();
            for (String line : run(words).lines().toList()) {
                Timing timing = Timing.of(line);
                timings.add(timing);
                if (timing.failures() > 0) {
                    errors.accept(
                            timing.contestant()
                                    + " "
                                    + timing.phase()
                                    + " failed "
                                    + timing.failures()
                                    + " times; its errors end with:\n"
                                    + lastLines(folder.resolve("plan.errors")));
                }
            }
            return timings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lastLines(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    /** What a command prints; one that fails ends the benchmark. */
    String run(List<String> words) {
        try {
            Process process = builder(words).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            end(words, process);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same for a command whose container lives on, with the streams that it was given. */
    void discard(List<String> words) {
        try {
            end(words, builder(words).redirectOutput(Redirect.DISCARD).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(List<String> words) {
        var builder = new ProcessBuilder(words).redirectError(Redirect.INHERIT);
        builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        return builder;
    }

    private static void end(List<String> words, Process process) {
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(String.join(" ", words) + ": status " + status);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The proportional share of memory of processes, in KiB. */
    static long pss(List<Long> pids) {
        long sum = 0;
        for (long pid : pids) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                    if (line.startsWith("Pss:")) {
                        sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }

    /** How long processes have been on a processor, all their threads together. */
    static double processorNanos(List<Long> pids) {
        long sum = 0;
        for (long pid : pids) {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                for (Path thread : threads.toList()) {
                    String times = Files.readString(thread.resolve("schedstat"));
                    sum += Long.parseLong(times.substring(0, times.indexOf(' ')));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }

    /** The JVMs that write their log here. */
    List<Long> residents() {
        Path log = home.resolve("run/resident.log");
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> leadsTo(Path.of("/proc/" + pid + "/fd/2"), log))
                .toList();
    }

    private static boolean leadsTo(Path link, Path target) {
        try {
            return Files.readSymbolicLink(link).equals(target);
        } catch (IOException _) {
            return false; // it ended, or is another user's
        }
    }

    @Override
    public void close() {
        for (long pid : residents()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
