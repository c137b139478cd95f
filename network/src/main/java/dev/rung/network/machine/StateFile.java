package dev.rung.network.machine;

import dev.rung.domain.Failure;
import dev.rung.linux.DurableFile;
import java.io.IOException;
import java.nio.file.Path;

/** Files of a network's state, which are on disk as a whole when a call returns. */
public final class StateFile {
    private StateFile() {}

    public static void replace(Path file, byte[] content) {
        try {
            DurableFile.replace(file, content);
        } catch (IOException e) {
            throw refused(file, e);
        }
    }

    /** Removes the file, if it is there. */
    public static void remove(Path file) {
        try {
            DurableFile.remove(file);
        } catch (IOException e) {
            throw refused(file, e);
        }
    }

    /** What is said of a file that could not be read or written. */
    public static Failure refused(Path file, IOException e) {
        String why = e.getMessage();
        String words = why == null || why.equals(file.toString()) ? e.toString() : why;
        return new Failure.HostRefused("\"%s\": %s".formatted(file, words), e);
    }
}
