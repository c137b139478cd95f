package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the networks: which there are (networks.json, replaced as a whole), who is in them
 * (endpoints.log) and the lock of the one process that may use it (docs/networks.md).
 */
final class StateFolder implements AutoCloseable {
    private static final int FORMAT = 1;
    private static final String NETWORKS = "networks.json";
    private static final Path USUAL = Path.of("/var/lib/rung/networks");

    private final Path folder;
    private final FileChannel lockFile;
    private final FileLock lock;

    private StateFolder(Path folder, FileChannel lockFile, FileLock lock) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * What networks.json holds.
     *
     * @param boot the id of the boot that the endpoints are of
     * @param guarded the links between which the host forwarded nothing before Rung turned it on
     */
    record Content(String boot, List<String> guarded, List<Network> networks) {}

    /** Makes the folder if need be and locks it; Unavailable when another process uses it. */
    static StateFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel file =
                    FileChannel.open(
                            folder.resolve("lock"),
                            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                throw new Failure.Unavailable(
                        "networks in \"%s\" are in use by another process".formatted(folder), null);
            }
            return new StateFolder(folder, file, lock);
        } catch (IOException e) {
            throw StateFile.refused(folder, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // of this very process
        }
    }

    /** What the table of packet rules is called: rung, with a number for folders elsewhere. */
    String ruleTable() {
        Path path = folder.toAbsolutePath().normalize();
        return path.equals(USUAL)
                ? "rung"
                : "rung-" + HexFormat.of().toHexDigits(path.toString().hashCode());
    }

    /** Null when there is none yet; Unsupported when a newer Rung wrote it. */
    @Nullable Content read() {
        Path file = folder.resolve(NETWORKS);
        byte[] text;
        try {
            text = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
        try {
            var fields = JsonFields.read(file.toString(), text);
            long format = fields.integer("format", 1, Integer.MAX_VALUE);
            if (format > FORMAT) {
                throw new Failure.Unsupported(
                        "\"%s\" has format %d, written by a newer Rung: this one knows %d"
                                .formatted(file, format, FORMAT));
            }
            var networks = new ArrayList<Network>();
            for (JsonFields network : fields.objects("networks")) {
                networks.add(NetworkRecords.network(network));
            }
            return new Content(fields.text("boot"), fields.texts("guarded"), networks);
        } catch (Failure.Invalid e) {
            throw new Failure.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }

    /** Replaces networks.json; on disk when this returns. */
    void write(Content content) {
        var writer = JsonWriter.indented("  ");
        writer.beginObject().field("format", FORMAT).field("boot", content.boot());
        writer.field("guarded", content.guarded());
        writer.name("networks").beginArray();
        content.networks().forEach(network -> NetworkRecords.write(writer, network));
        writer.endArray().endObject();
        StateFile.replace(folder.resolve(NETWORKS), writer.bytes());
    }

    /** The log of who is in the networks; empty after another boot, when none of them is there. */
    EndpointLog log(boolean sameBoot) {
        Path file = folder.resolve("endpoints.log");
        try {
            if (!sameBoot) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
        return EndpointLog.open(file);
    }

    /** The number of this boot of the kernel; what endpoints say is void after the next. */
    static String bootId() {
        Path file = Path.of("/proc/sys/kernel/random/boot_id");
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    /** Lets another process have it. */
    @Override
    public void close() {
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            throw StateFile.refused(folder, e);
        }
    }
}
