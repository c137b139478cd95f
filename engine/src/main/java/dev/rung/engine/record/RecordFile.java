package dev.rung.engine.record;

import dev.rung.domain.Failure;
import dev.rung.linux.DurableFile;
import dev.rung.oci.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A record in a folder of its own. The end of the engine leaves the former or the latter one, or
 * none before the first. So does a power cut, which may leave an empty file instead of none.
 */
final class RecordFile {
    private RecordFile() {}

    /** Its content; NoSuchFileException when there is none, or none that was ever synced. */
    static byte[] read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        for (byte each : content) {
            if (each != 0) {
                return content;
            }
        }
        throw new NoSuchFileException(file.toString()); // as file systems leave it
    }

    /**
     * Writes it in the place of the former, and makes its folder for the first one.
     *
     * <p>The first is synced under its own name. That puts names on disk as well, its own and those
     * of the folders above that are as new: a journal (of ext4, XFS, btrfs) holds them in the order
     * in which they were made. So it is one commit, where a file and then two folders would be two;
     * it is most of what the creation of a container takes. A later one must be on disk before it
     * takes the place of the former, and its folder is synced then. Invalid when it is longer than
     * what can be read.
     *
     * @param kept whether a power cut is to leave the former or this, whenever that is
     * @param synced whether it is to leave this from when this returns on
     */
    static void write(Path folder, String name, byte[] content, boolean kept, boolean synced)
            throws IOException {
        if (content.length > Json.LARGEST) { // nobody could read it
            throw new Failure.Invalid(
                    "what is to be kept of it takes "
                            + content.length
                            + " bytes: want up to "
                            + Json.LARGEST);
        }
        boolean made = makeFolder(folder);
        Path fresh = folder.resolve(name + ".new");
        try {
            write(fresh, folder.resolve(name), content, kept && !made, synced && made);
        } catch (IOException e) {
            takeBack(made ? List.of(fresh, folder.resolve(name), folder) : List.of(fresh), e);
            throw e;
        }
        if (synced && !made) {
            DurableFile.syncFolder(folder);
        }
    }

    /** A disk that is full is to be no fuller. */
    private static void takeBack(List<Path> made, IOException why) {
        try {
            for (Path each : made) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            why.addSuppressed(e); // the next engine clears it away
        }
    }

    private static void write(
            Path fresh, Path file, byte[] content, boolean syncedBefore, boolean syncedAfter)
            throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            DurableFile.writeFully(channel, content);
            if (syncedBefore) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            if (syncedAfter) {
                channel.force(true);
            }
        }
    }

    /** For its owner alone; whether it was not there before. */
    static boolean makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return false;
        }
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return true;
    }
}
