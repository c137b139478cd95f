package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder with the pods' folders; each has the pod's id for a name. One without a record is what
 * an end in the middle has left.
 */
public final class PodFolder {
    private static final String NAME = "pod.json";
    private static final String NEW = "pod.json.new";

    private final Path folder;

    /** Makes the folder, for its owner alone, when it is missing. */
    public PodFolder(Path folder) {
        this.folder = folder;
        try {
            makeFolder(folder);
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
                records.add(PodRecord.read(file.toString(), Files.readAllBytes(file)));
            } catch (NoSuchFileException _) {
                // nobody was told that it was created
            } catch (IOException | Failure e) {
                System.getLogger("dev.rung.engine")
                        .log(System.Logger.Level.WARNING, String.valueOf(e.getMessage()));
            }
        }
        return records;
    }

    /** The names of those without a record. */
    public List<String> litter() {
        var litter = new ArrayList<String>();
        for (String name : names()) {
            if (!Files.exists(folder.resolve(name).resolve(NAME))) {
                litter.add(name);
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
        Path fresh = own.resolve(NEW);
        try {
            makeFolder(own);
            try (FileChannel file =
                    FileChannel.open(
                            fresh,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(record.json());
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(fresh, own.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
            sync(own);
            sync(folder);
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

    private static void makeFolder(Path path) throws IOException {
        Files.createDirectories(
                path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Failure refused(String doing, Path path, IOException e) {
        return new Failure.HostRefused(doing + " \"" + path + "\": " + e.getMessage(), e);
    }
}
