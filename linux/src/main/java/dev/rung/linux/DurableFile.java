package dev.rung.linux;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Files that are there as a whole or not at all, also after a power cut. */
public final class DurableFile {
    private DurableFile() {}

    /**
     * Puts the content in the place of the file's former one: written beside it, synced, renamed,
     * its folder synced.
     *
     * @param attributes of the new file, such as its permissions
     */
    public static void replace(Path file, byte[] content, FileAttribute<?>... attributes)
            throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (var channel =
                FileChannel.open(beside, Set.of(CREATE, WRITE, TRUNCATE_EXISTING), attributes)) {
            writeFully(channel, content);
            channel.force(true);
        }
        move(beside, file);
    }

    /** Renames a file that is synced already, and syncs the folder it goes to. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(to.resolveSibling("."));
    }

    /** Removes the file, if it is there, and syncs its folder. */
    public static void remove(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncFolder(file.resolveSibling("."));
        }
    }

    /** Makes last what was made, renamed or removed in a folder. */
    public static void syncFolder(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, READ)) {
            channel.force(true);
        }
    }

    /** Writes all of it where the channel stands. */
    public static void writeFully(FileChannel channel, byte[] content) throws IOException {
        var rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }
}
