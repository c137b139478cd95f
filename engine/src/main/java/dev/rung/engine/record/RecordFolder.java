package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.oci.json.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folder with the containers' folders; each has the container's id for a name. */
public final class RecordFolder {
    private final RecordFolders folders;

    /** Makes the folder, for its owner alone, when it is missing. */
    public RecordFolder(Path folder) {
        folders = new RecordFolders(folder, "container.json");
    }

    /** Where a container's files are; made by the first {@link #write}. */
    public Path of(ContainerId id) {
        return folders.of(id);
    }

    /**
     * Everything that is there.
     *
     * @param unread the names of the folders whose records cannot be read
     */
    public record Found(List<ContainerRecord> records, List<String> unread) {}

    /** All records. A folder without one is of a creation that was cut off: it is left alone. */
    public Found readAll() {
        var records = new ArrayList<ContainerRecord>();
        var unread = new ArrayList<String>();
        for (String name : folders.names()) {
            Path file = folders.file(name);
            try {
                ContainerRecord record = RecordReading.orLogged(file, () -> read(file));
                if (record == null) {
                    unread.add(name);
                } else {
                    records.add(record);
                }
            } catch (NoSuchFileException _) {
                // nobody was told that it was created
            }
        }
        return new Found(records, unread);
    }

    private static ContainerRecord read(Path file) throws IOException {
        if (Files.size(file) > Json.LARGEST) {
            throw new Failure.Corrupt(file + ": longer than " + Json.LARGEST + " bytes", null);
        }
        return ContainerRecord.read(file.toString(), RecordFile.read(file));
    }

    /**
     * Writes a record in the place of the former. What a power cut leaves of it is the former or
     * this, but for one that is removed at its end, and one that is not answered for yet: then it
     * may be an empty file, or none.
     *
     * @param synced whether it is to survive a power cut when this returns
     */
    public void write(ContainerRecord record, boolean synced) {
        boolean kept = synced || !record.host().autoRemove();
        folders.write(record.id(), record.json(), kept, synced);
    }

    /** Removes the record; what else is in the folder is nothing but litter then. */
    public void forget(ContainerId id) {
        folders.forget(id);
    }

    /** Removes a container's folder with all that is in it, the record first. */
    public void remove(ContainerId id) {
        forget(id);
        try {
            removeTree(of(id));
        } catch (NoSuchFileException _) {
            // gone already
        } catch (IOException e) {
            throw RecordFolders.refused("remove", of(id), e);
        }
    }

    /** The names of all folders, with a record or without. */
    public List<String> names() {
        return folders.names();
    }

    private static void removeTree(Path tree) throws IOException {
        if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(tree)) {
                for (Path each : all) {
                    removeTree(each);
                }
            }
        }
        Files.deleteIfExists(tree);
    }
}
