package dev.rung.build;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.Lease;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.image.snapshot.LayerHold;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What steps have made, by what they were made of: a small file a step, named by a digest of the
 * image before it, the instruction and the files that it copies. Nothing is synced: what is lost or
 * damaged by a power cut is only built again.
 */
public final class BuildCache implements Reclaim.Keeper {
    private static final int VERSION = 1;
    private static final int LARGEST = 4 << 20;
    private static final String UNFINISHED = "new-";

    private final Path folder;
    private final ContentStore content;
    private final SnapshotStore snapshots;
    private final Clock clock;
    private final AtomicLong unfinished = new AtomicLong();

    private BuildCache(Path folder, ContentStore content, SnapshotStore snapshots, Clock clock) {
        this.folder = folder;
        this.content = content;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /** Opens it in a folder of its own, making that where it is missing. */
    public static BuildCache open(
            Path folder, ContentStore content, SnapshotStore snapshots, Clock clock) {
        var cache = new BuildCache(folder, content, snapshots, clock);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw failed("make", folder, e);
        }
        for (Path file : cache.files()) {
            if (file.getFileName().toString().startsWith(UNFINISHED)) {
                delete(file);
            }
        }
        return cache;
    }

    /**
     * What a step has made.
     *
     * @param created when, as the image says it
     * @param layer null when no file was changed
     * @param diffIds of the image that came of it, the lowest first
     * @param layers the same as content
     */
    record Entry(
            String created,
            String description,
            @Nullable Layer layer,
            List<Digest> diffIds,
            List<ContentDescriptor> layers) {}

    /**
     * One of them, for people.
     *
     * @param bytes of its layer, packed
     */
    public record Shown(
            Digest key, String description, long bytes, Instant created, Instant used) {}

    /** What may not be collected as long as a build works with it. */
    record Holds(Lease lease, LayerHold layers) {
        void retain(List<Digest> diffIds, List<ContentDescriptor> content) {
            SnapshotStore.chain(diffIds).forEach(layers::retain);
            content.forEach(each -> lease.retain(each.digest()));
        }
    }

    /** What was made so, held; null when there is none, or not all of it any more. */
    @Nullable Entry find(Digest key, Holds holds) {
        Path file = file(key);
        Entry entry = read(file);
        if (entry == null) {
            return null;
        }
        if (entry.layer != null) {
            holds.retain(entry.diffIds, entry.layers);
            if (!isThere(entry)) {
                delete(file);
                return null;
            }
        }
        try {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (IOException e) {
            // it only looks older than it is
        }
        return entry;
    }

    /** The layers are unpacked, or can be. */
    private boolean isThere(Entry entry) {
        boolean unpacked = snapshots.contains(SnapshotStore.chain(entry.diffIds).getLast());
        int last = entry.layers.size() - 1;
        for (int i = unpacked ? last : 0; i <= last; i++) {
            if (!content.contains(entry.layers.get(i).digest())) {
                return false;
            }
        }
        return true;
    }

    /** Remembers what was made; its layers are held by the caller. */
    void put(Digest key, Entry entry) {
        Path made = folder.resolve(UNFINISHED + unfinished.incrementAndGet());
        try {
            Files.write(made, json(entry));
            Files.move(made, file(key), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed("write", file(key), e);
        }
    }

    private static byte[] json(Entry entry) {
        JsonWriter to =
                JsonWriter.compact()
                        .beginObject()
                        .field("version", VERSION)
                        .field("created", entry.created)
                        .field("description", entry.description)
                        .field("hasLayer", entry.layer != null)
                        .field("diffIds", entry.diffIds.stream().map(Digest::toString).toList())
                        .name("layers")
                        .beginArray();
        for (ContentDescriptor layer : entry.layers) {
            layer.write(to);
        }
        return to.endArray().endObject().bytes();
    }

    /** Null for one that is not there or was damaged. */
    private static @Nullable Entry read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                return null;
            }
            JsonFields fields = JsonFields.read(file.toString(), Files.readAllBytes(file));
            if (fields.integer("version", 1, Long.MAX_VALUE) != VERSION) {
                return null;
            }
            List<Digest> diffIds = fields.texts("diffIds").stream().map(Digest::parse).toList();
            var layers = new ArrayList<ContentDescriptor>();
            for (JsonFields layer : fields.objects("layers")) {
                layers.add(ContentDescriptor.read(layer));
            }
            boolean hasLayer = fields.flag("hasLayer");
            if (layers.size() != diffIds.size() || hasLayer && layers.isEmpty()) {
                return null;
            }
            return new Entry(
                    fields.text("created"),
                    String.valueOf(fields.freeText("description")),
                    hasLayer ? new Layer(layers.getLast(), diffIds.getLast()) : null,
                    diffIds,
                    List.copyOf(layers));
        } catch (NoSuchFileException | Failure.Invalid e) {
            return null;
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    /** All that there is, in no order. */
    public List<Shown> list() {
        var all = new ArrayList<Shown>();
        for (Path file : files()) {
            Entry entry = read(file);
            String name = file.getFileName().toString();
            if (entry == null || !Digest.isLowerHex(name)) {
                continue;
            }
            try {
                all.add(
                        new Shown(
                                new Digest(Digest.Algorithm.SHA256, name),
                                entry.description,
                                entry.layer == null ? 0 : entry.layer.descriptor().size(),
                                Instant.parse(entry.created),
                                Files.getLastModifiedTime(file).toInstant()));
            } catch (IOException e) {
                // forgotten meanwhile
            }
        }
        return all;
    }

    /**
     * Forgets what was last used before a time; its layers are collected by whoever does that.
     *
     * @param kept the diff ids of images: what these stand on is kept
     */
    List<Digest> forget(Instant before, Set<List<Digest>> kept) {
        var gone = new ArrayList<Digest>();
        for (Shown shown : list()) {
            Path file = file(shown.key());
            Entry entry = read(file);
            if (entry != null && shown.used().isBefore(before) && !isNeeded(entry, kept)) {
                delete(file);
                gone.add(shown.key());
            }
        }
        return gone;
    }

    private static boolean isNeeded(Entry entry, Set<List<Digest>> kept) {
        int count = entry.diffIds.size();
        for (List<Digest> image : kept) {
            if (image.size() >= count && image.subList(0, count).equals(entry.diffIds)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Set<Digest> contents() {
        var all = new HashSet<Digest>();
        for (Path file : files()) {
            Entry entry = read(file);
            if (entry != null) {
                entry.layers.forEach(layer -> all.add(layer.digest()));
            }
        }
        return all;
    }

    @Override
    public Set<Digest> chains() {
        var all = new HashSet<Digest>();
        for (Path file : files()) {
            Entry entry = read(file);
            if (entry != null) {
                all.addAll(SnapshotStore.chain(entry.diffIds));
            }
        }
        return all;
    }

    private Path file(Digest key) {
        return folder.resolve(key.hex());
    }

    private List<Path> files() {
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(all::add);
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
        return all;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed("delete", file, e);
        }
    }

    private static Failure failed(String doing, Path file, IOException e) {
        return new Failure.HostRefused(
                doing + " \"" + file + "\" of the build cache: " + e.getMessage(), e);
    }
}
