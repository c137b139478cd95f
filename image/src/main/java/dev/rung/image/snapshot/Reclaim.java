package dev.rung.image.snapshot;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.GarbageCollection;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageManifest;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes content and unpacked layers that no image and no container needs. Safe beside pulls,
 * loads and the making of containers, each of which holds what it works with.
 */
public final class Reclaim {
    private final ContentStore content;
    private final ImageStore images;
    private final SnapshotStore snapshots;
    private final GarbageCollection garbage;
    private final Keeper keeper;

    /** What needs content and layers beside images and containers. */
    public interface Keeper {
        /** Nobody. */
        Keeper NONE =
                new Keeper() {
                    @Override
                    public Set<Digest> contents() {
                        return Set.of();
                    }

                    @Override
                    public Set<Digest> chains() {
                        return Set.of();
                    }
                };

        /** Digests of content. */
        Set<Digest> contents();

        /** Chain ids of layers. */
        Set<Digest> chains();
    }

    public Reclaim(
            ContentStore content, ImageStore images, SnapshotStore snapshots, Keeper keeper) {
        this.content = content;
        this.images = images;
        this.snapshots = snapshots;
        this.keeper = keeper;
        garbage = new GarbageCollection(content, images);
    }

    /** Removes what only this image needed, whose names were taken away; how many bytes. */
    public long release(ContentDescriptor removed) {
        long freed = garbage.release(removed, keeper::contents).bytes();
        return freed + snapshots.collect(this::layers);
    }

    /**
     * Removes all that nothing needs and that came before the given time, unfinished downloads too;
     * how many bytes.
     */
    public long sweep(Instant before) {
        long freed = garbage.sweep(before, keeper::contents).bytes();
        return freed + snapshots.collect(this::layers);
    }

    /** The chain ids of the layers of all images that are kept. */
    private Set<Digest> layers() {
        var all = new HashSet<>(keeper.chains());
        var reader = new ImageReader(content);
        for (StoredImage image : images.list()) {
            for (ImageManifest manifest : reader.manifests(image.target())) {
                all.addAll(layers(reader, manifest));
            }
        }
        return all;
    }

    private static List<Digest> layers(ImageReader reader, ImageManifest manifest) {
        try {
            return SnapshotStore.chain(reader.diffIds(manifest));
        } catch (Failure.NotFound | Failure.Invalid e) {
            return List.of(); // not here, or no image that could be unpacked
        }
    }
}
