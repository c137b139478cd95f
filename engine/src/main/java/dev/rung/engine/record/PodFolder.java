package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder with the pods' folders; each has the pod's id for a name. One without a record is what
 * an end in the middle has left.
 */
public final class PodFolder {
    private static final String NAME = "pod.json";

    private final Path folder;

    /** Makes the folder, for its owner alone, when it is missing. */
    public PodFolder(Path folder) {
        this.folder = folder;
        try {
            RecordFile.makeFolder(folder);
        } catch (IOException e) {
            throw refused("make the folder", folder, e);
        }
    }

    /** Where a pod's files are; made by the first {@link #write}. */
    public Path of(ContainerId id) {
        return folder.resolve(id.value());
    }

    /** All records; what is wrong with those that cannot be read is logged. */
    public List<PodRecord> readAll() {
        var records = new ArrayList<PodRecord>();
        for (String name : names()) {
            Path file = folder.resolve(name).resolve(NAME);
            try {
                records.add(PodRecord.read(file.toString(), RecordFile.read(file)));
            } catch (NoSuchFileException _) {
                // nobody was told that it was created
            } catch (IOException e) {
                warn(refused("read", file, e));
            } catch (Failure e) {
                warn(e);
            }
        }
        return records;
    }

    private static void warn(Failure failure) {
        System.getLogger("dev.rung.engine")
                .log(System.Logger.Level.WARNING, String.valueOf(failure.getMessage()));
    }

    /** The names of those without a record. */
    public List<String> litter() {
        var litter = new ArrayList<String>();
        for (String name : names()) {
            try {
                RecordFile.read(folder.resolve(name).resolve(NAME));
            } catch (NoSuchFileException _) {
                litter.add(name);
            } catch (IOException _) {
                // there is one
            }
        }
        return litter;
    }

    private List<String> names() {
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

    /** Writes a record in the place of the former; synced when this returns. */
    public void write(PodRecord record) {
        Path own = of(record.id());
        try {
            RecordFile.write(own, NAME, record.json(), true, true);
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

    private static Failure refused(String doing, Path path, IOException e) {
        return new Failure.HostRefused(doing + " \"" + path + "\": " + e.getMessage(), e);
    }
}
