package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.record.RecordReading;
import dev.rung.image.layer.Removal;
import dev.rung.linux.DurableFile;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.Paths;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Volumes on disk: a folder each, with volume.json (format 1) and the data in _data. A folder
 * without volume.json is what an end in the middle has left.
 */
final class VolumeFolder {
    private static final String RECORD = "volume.json";
    private static final String DATA = "_data";
    private static final long FORMAT = 1;

    private final Path folder;

    VolumeFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            // containers' users pass through it on their way to a volume's files
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        } catch (IOException e) {
            throw failure("make \"" + folder + "\"", e);
        }
    }

    Path data(String name) {
        return folder.resolve(name).resolve(DATA);
    }

    /**
     * All of them by name, but those that cannot be read; what an end in the middle has left is
     * removed.
     */
    Map<String, Volume> readAll() {
        var all = new TreeMap<String, Volume>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path each : children) {
                String name = each.getFileName().toString();
                Path file = each.resolve(RECORD);
                try {
                    Volume volume =
                            RecordReading.orLogged(
                                    file, () -> read(name, Files.readAllBytes(file)));
                    if (volume != null) {
                        all.put(name, volume);
                    }
                } catch (NoSuchFileException _) {
                    remove(name);
                }
            }
            return all;
        } catch (IOException e) {
            throw failure("read the volumes in \"" + folder + "\"", e);
        }
    }

    private Volume read(String name, byte[] json) {
        String file = folder.resolve(name).resolve(RECORD).toString();
        try {
            JsonFields fields = JsonFields.read(file, json);
            long format = fields.integer("format", 1, Long.MAX_VALUE);
            if (format > FORMAT) {
                throw new Failure.Unsupported(
                        file + ": format " + format + ", want 1: a newer Rung wrote it");
            }
            return new Volume(
                    name,
                    Instant.parse(fields.text("created")),
                    fields.textMap("labels"),
                    fields.textMap("options"),
                    data(name));
        } catch (Failure.Invalid | DateTimeException e) {
            throw new Failure.Corrupt(file + ": damaged record: " + e.getMessage(), e);
        }
    }

    /** Makes it; synced when this returns. Corrupt when there is one that could not be read. */
    void make(Volume volume) {
        Path own = folder.resolve(volume.name());
        if (Files.exists(own.resolve(RECORD))) {
            throw new Failure.Corrupt(
                    "make volume \"%s\": \"%s\" is there and could not be read"
                            .formatted(volume.name(), own.resolve(RECORD)),
                    null);
        }
        try {
            makeFolder(own);
            makeFolder(own.resolve(DATA));
            var json = JsonWriter.indented("  ").beginObject().field("format", FORMAT);
            json.field("created", volume.created().toString());
            json.optional("labels", volume.labels()).optional("options", volume.options());
            DurableFile.replace(own.resolve(RECORD), json.endObject().bytes());
            DurableFile.syncFolder(folder);
        } catch (IOException e) {
            throw failure("make volume \"" + volume.name() + "\"", e);
        }
    }

    private static void makeFolder(Path path) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Removes it with all that is in it, the record first. */
    void remove(String name) {
        Path own = folder.resolve(name);
        try (var calls = new FileCalls();
                Fd parent =
                        Paths.open(
                                null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0)) {
            Files.deleteIfExists(own.resolve(RECORD));
            Removal.remove(calls, parent, KernelPath.of(name));
        } catch (ErrnoException | IOException e) {
            throw new Failure.HostRefused("remove volume \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static Failure failure(String doing, IOException e) {
        return new Failure.HostRefused(doing + ": " + e.getMessage(), e);
    }
}
