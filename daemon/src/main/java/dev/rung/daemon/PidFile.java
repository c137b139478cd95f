package dev.rung.daemon;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells which process the engine is, and goes with it, as its socket does. The log and the lock of
 * those who start engines stay: a log is read afterwards, and a lock that is deleted is none.
 */
final class PidFile {
    private PidFile() {}

    /** What is told to leave when the process is to end. */
    static void write(Path file, Runnable leave) {
        String pid = ProcessHandle.current().pid() + "\n";
        try {
            Files.writeString(file, pid);
        } catch (IOException e) {
            throw new Failure.HostRefused("write \"" + file + "\": " + e.getMessage(), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(file, pid, leave)));
    }

    /** Unless another engine has come meanwhile. */
    private static void end(Path file, String pid, Runnable leave) {
        leave.run();
        try {
            if (Files.readString(file).equals(pid)) {
                Files.delete(file);
            }
        } catch (IOException _) {
            // a wrong one harms nobody: it names a process that is gone
        }
    }
}
