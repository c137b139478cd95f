package dev.rung.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The daemons of a room and their files, all in the workshop. */
final class Daemons implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Workshop workshop;
    private final List<Process> all = new ArrayList<>();

    Daemons(Workshop workshop) {
        this.workshop = workshop;
    }

    /** A file of the workshop; FOLDER stands for where that is. */
    void write(String name, String text) {
        try {
            Path file = workshop.path(name);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, text.replace("FOLDER", workshop.path("").toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process start(List<String> words) {
        try {
            Path log = workshop.path(words.getFirst() + ".log");
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.appendTo(log.toFile()))
                            .start();
            all.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Process> all() {
        return all;
    }

    /** The engine's, which is the workshop's own; null when it does not run. */
    private @Nullable ProcessHandle rung() {
        try {
            Path file = workshop.home().resolve("run/rungd.pid");
            return Files.exists(file)
                    ? ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElse(null)
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends one of them before the others. */
    void end(Process process) {
        end(process.toHandle());
        all.remove(process);
    }

    /** The same for the engine, if it runs. */
    void endRung() {
        ProcessHandle rung = rung();
        if (rung != null) {
            end(rung);
        }
    }

    /** Ends them, the engine first, and takes away what they have mounted and left. */
    @Override
    public void close() {
        endRung();
        all.reversed().forEach(daemon -> end(daemon.toHandle()));
        String clear =
                "for mount in $(grep -o ' '$1'[^ ]*' /proc/self/mountinfo | sort -r);"
                        + " do umount -l $mount 2>/dev/null || true; done; rm -rf $1/docker*"
                        + " $1/podman* $1/containerd* $1/home";
        workshop.run(List.of("sh", "-c", clear, "-", workshop.path("").toString()));
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
        }
    }
}
