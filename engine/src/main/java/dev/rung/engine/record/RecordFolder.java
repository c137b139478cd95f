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
    private static final String NAME = "container.json";

    private final Path folder;

    /** Makes the folder, for its owner alone, when it is missing. */
    public RecordFolder(Path folder) {
        this.folder = folder;
        try {
            RecordFile.makeFolder(folder);
        } catch (IOException e) {
            throw refused("make the folder", folder, e);
        }
    }

    /** Where a container's files are; made by the first {@link #write}. */
    public Path of(ContainerId id) {
        return folder.resolve(id.value());
    }

    /**
     * Everything that is there, and what is wrong with those that cannot be read.
     *
     * @param unread the names of their folders
     */
    public record Found(
            List<ContainerRecord> records, List<Failure> failures, List<String> unread) {}

    /** All records. A folder without one is of a creation that was cut off: it is left alone. */
    public Found readAll() {
        var records = new ArrayList<ContainerRecord>();
        var failures = new ArrayList<Failure>();
        var unread = new ArrayList<String>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                try {
                    records.add(read(each.resolve(NAME)));
                } catch (NoSuchFileException _) {
                    // nobody was told that it was created
                } catch (Failure e) {
                    failures.add(e);
                    unread.add(each.getFileName().toString());
                } catch (IOException e) {
                    failures.add(refused("read", each.resolve(NAME), e));
                    unread.add(each.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw refused("read", folder, e);
        }
        return new Found(records, failures, unread);
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
        Path own = of(record.id());
        boolean kept = synced || !record.host().autoRemove();
        try {
            RecordFile.write(own, NAME, record.json(), kept, synced);
        } catch (IOException e) {
            throw refused("write", own.resolve(NAME), e);
        }
    }

    /** Removes the record; what else is in the folder is nothing but litter then. */
    public void forget(ContainerId id) {
        Path own = of(id);
        try {
            Files.deleteIfExists(own.resolve(NAME));
        } catch (IOException e) {
            throw refused("remove", own, e);
        }
    }

    /** Removes a container's folder with all that is in it, the record first. */
    public void remove(ContainerId id) {
        forget(id);
        try {
            removeTree(of(id));
        } catch (NoSuchFileException _) {
            // gone already
        } catch (IOException e) {
            throw refused("remove", of(id), e);
        }
    }

    /** The names of all folders, with a record or without. */
    public List<String> names() {
        var names = new ArrayList<String>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                names.add(each.getFileName().toString());
            }
            return names;
        } catch (IOException e) {
            throw refused("read", folder, e);
        }
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

    private static Failure refused(String doing, Path path, IOException e) {
        return new Failure.HostRefused(doing + " \"" + path + "\": " + e.getMessage(), e);
    }
}
