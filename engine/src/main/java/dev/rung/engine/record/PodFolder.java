package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder with the pods' folders; each has the pod's id for a name. One without a record is what
 * an end in the middle has left.
 */
public final class PodFolder {
    private final RecordFolders folders;

    /** Makes the folder, for its owner alone, when it is missing. */
    public PodFolder(Path folder) {
        folders = new RecordFolders(folder, "pod.json");
    }

    /** Where a pod's files are; made by the first {@link #write}. */
    public Path of(ContainerId id) {
        return folders.of(id);
    }

    /** All records but those that cannot be read. */
    public List<PodRecord> readAll() {
        var records = new ArrayList<PodRecord>();
        for (String name : folders.names()) {
            Path file = folders.file(name);
            try {
                PodRecord record =
                        RecordReading.orLogged(
                                file, () -> PodRecord.read(file.toString(), RecordFile.read(file)));
                if (record != null) {
                    records.add(record);
                }
            } catch (NoSuchFileException _) {
                // nobody was told that it was created
            }
        }
        return records;
    }

    /** The names of those without a record. */
    public List<String> litter() {
        var litter = new ArrayList<String>();
        for (String name : folders.names()) {
            try {
                RecordFile.read(folders.file(name));
            } catch (NoSuchFileException _) {
                litter.add(name);
            } catch (IOException _) {
                // there is one
            }
        }
        return litter;
    }

    /** Writes a record in the place of the former; synced when this returns. */
    public void write(PodRecord record) {
        folders.write(record.id(), record.json(), true, true);
    }

    /** Removes the record; what else is in the folder is nothing but litter then. */
    public void forget(ContainerId id) {
        folders.forget(id);
    }
}
