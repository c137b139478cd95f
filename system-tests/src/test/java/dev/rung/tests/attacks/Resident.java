package dev.rung.tests.attacks;

import dev.rung.testkit.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The warm JVM that serves one RUNG_HOME, seen from outside through /proc. */
public record Resident(long pid) {

    /** The one that listens in this RUNG_HOME; more than one is an error. */
    public static Optional<Resident> of(Path home) {
        List<Resident> found = all(home);
        if (found.size() > 1) {
            throw new AssertionError("more than one resident: " + found);
        }
        return found.stream().findFirst();
    }

    /** The same, expected to be there. */
    public static Resident in(Path home) {
        return of(home).orElseThrow(() -> new AssertionError("no resident in " + home));
    }

    /** All of them. */
    public static List<Resident> all(Path home) {
        var found = new ArrayList<Resident>();
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            processes.forEach(process -> {
                String line = read(Path.of("/proc", "" + process.pid(), "cmdline"));
                if (line.contains("\0--listen\0") && line.contains("\0" + home + "/run\0")) {
                    found.add(new Resident(process.pid()));
                }
            });
        }
        return found;
    }

    /** Ends whatever serves this RUNG_HOME, at once. */
    public static void endAll(Path home) {
        for (Resident resident : all(home)) {
            resident.kill();
        }
    }

    /** Sends SIGKILL and waits for the end. */
    public void kill() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Patience.await(() -> !isAlive(), () -> this + " does not end");
    }

    public boolean isAlive() {
        String state = read(Path.of("/proc", "" + pid, "stat"));
        return !state.isEmpty() && !state.contains(") Z ");
    }

    /** Its whole environment, NAME=VALUE. */
    List<String> environment() {
        return List.of(read(Path.of("/proc", "" + pid, "environ")).split("\0"));
    }

    /** Where its descriptors lead. */
    public List<String> descriptors() {
        var links = new ArrayList<String>();
        try (Stream<Path> entries = Files.list(Path.of("/proc", "" + pid, "fd"))) {
            for (Path entry : entries.toList()) {
                links.add(Files.readSymbolicLink(entry).toString());
            }
            return links;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its proportional share of memory, in KiB. */
    public long pss() {
        return read(Path.of("/proc", "" + pid, "smaps_rollup"))
                .lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** The socket that this RUNG_HOME's resident listens on. */
    static Path socket(Path home) {
        try (Stream<Path> files = Files.list(home.resolve("run"))) {
            return files.filter(file -> file.toString().endsWith(".sock"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return ""; // it ended meanwhile
        }
    }
}
