package dev.rung.daemon;

import dev.rung.resident.ResidentProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The engine with an end: it kills itself right after the step that a file in its home names. */
public final class MortalDaemon {
    private MortalDaemon() {}

    public static void main(String[] arguments) {
        int code =
                ResidentProcess.runAlways(
                        List.of(arguments),
                        (folder, sockets, leave) ->
                                Wiring.make(
                                        Settings.of(folder, System.getenv(), sockets.cri()),
                                        sockets.docker(),
                                        leave,
                                        (step, id) -> die(folder.resolveSibling("die"), step),
                                        step -> die(folder.resolveSibling("die"), step)));
        System.exit(code);
    }

    private static void die(Path file, Enum<?> step) {
        try {
            if (Files.exists(file) && Files.readString(file).equals(step.name())) {
                Files.delete(file);
                String pid = Long.toString(ProcessHandle.current().pid());
                new ProcessBuilder("kill", "-9", pid).start().waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
