package dev.rung.network.machine;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are on disk, as a whole, when a call returns. */
public final class DurableFile {
    private DurableFile() {}

    /** Writes beside the file, syncs, renames, syncs the folder. */
    public static void replace(Path file, byte[] content) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (var channel =
                    FileChannel.open(
                            next,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                writeFully(channel, content);
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(file);
        } catch (IOException e) {
            throw refused(file, e);
        }
    }

    /** Removes the file, if it is there. */
    public static void remove(Path file) {
        try {
            if (Files.deleteIfExists(file)) {
                syncFolder(file);
            }
        } catch (IOException e) {
            throw refused(file, e);
        }
    }

    /** Makes last what was made or removed in the folder of that file. */
    public static void syncFolder(Path file) throws IOException {
        try (var folder = FileChannel.open(file.resolveSibling("."))) {
            folder.force(true);
        }
    }

    /** Writes all of it where the channel stands. */
    public static void writeFully(FileChannel channel, byte[] content) throws IOException {
        var rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /** What is said of a file that could not be read or written. */
    public static Failure refused(Path file, IOException e) {
        String why = e.getMessage();
        String words = why == null || why.equals(file.toString()) ? e.toString() : why;
        return new Failure.HostRefused("\"%s\": %s".formatted(file, words), e);
    }
}
