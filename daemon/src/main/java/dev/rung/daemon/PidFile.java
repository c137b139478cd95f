package dev.rung.daemon;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells which process the engine is. */
final class PidFile {
    private PidFile() {}

    static void write(Path file) {
        String pid = ProcessHandle.current().pid() + "\n";
        try {
            Files.writeString(file, pid);
        } catch (IOException e) {
            throw new Failure.HostRefused("write \"" + file + "\": " + e.getMessage(), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(file, pid)));
    }

    /** Unless another engine has come meanwhile. */
    private static void remove(Path file, String pid) {
        try {
            if (Files.readString(file).equals(pid)) {
                Files.delete(file);
            }
        } catch (IOException _) {
            // a wrong one harms nobody: it names a process that is gone
        }
    }
}
