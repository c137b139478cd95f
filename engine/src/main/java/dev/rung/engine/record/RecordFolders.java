package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A folder of folders, each with an id for its name and a record of one name in it. */
final class RecordFolders {
    private final Path folder;
    private final String record;

    /**
     * Makes the folder, for its owner alone, when it is missing.
     *
     * @param record the name of the file
     */
    RecordFolders(Path folder, String record) {
        this.folder = folder;
        this.record = record;
        try {
            RecordFile.makeFolder(folder);
        } catch (IOException e) {
            throw refused("make the folder", folder, e);
        }
    }

    Path of(ContainerId id) {
        return folder.resolve(id.value());
    }

    /** The record in a folder of that name. */
    Path file(String name) {
        return folder.resolve(name).resolve(record);
    }

    /** The names of all folders, with a record or without. */
    List<String> names() {
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

    /** See {@link RecordFile#write}. */
    void write(ContainerId id, byte[] content, boolean kept, boolean synced) {
        try {
            RecordFile.write(of(id), record, content, kept, synced);
        } catch (IOException e) {
            throw refused("write", file(id.value()), e);
        }
    }

    /** Removes the record; what else is in the folder is nothing but litter then. */
    void forget(ContainerId id) {
        try {
            Files.deleteIfExists(file(id.value()));
        } catch (IOException e) {
            throw refused("remove", of(id), e);
        }
    }

    static Failure refused(String doing, Path path, IOException e) {
        return new Failure.HostRefused(doing + " \"" + path + "\": " + e.getMessage(), e);
    }
}
