package dev.rung.image;

import dev.rung.domain.Digest;
import dev.rung.oci.image.ContentDescriptor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Deletes content that neither a name nor a lease nor the caller needs. Safe beside pulls: a pull
 * leases what it finds before it looks, and no lease ends while content is collected.
 */
public final class GarbageCollection {
    private final ContentStore content;
    private final ImageStore images;
    private final ImageReader reader;

    public GarbageCollection(ContentStore content, ImageStore images) {
        this.content = content;
        this.images = images;
        reader = new ImageReader(content);
    }

    /**
     * What was deleted.
     *
     * @param bytes that are free now, also of downloads that were never finished
     */
    public record Freed(List<Digest> contents, long bytes) {}

    /**
     * Deletes what only the given image needed, whose names were taken away. What other pulls left
     * unfinished stays.
     *
     * @param alsoNeeded what others than images need, such as the cache of builds
     */
    public Freed release(ContentDescriptor removed, Supplier<Set<Digest>> alsoNeeded) {
        return content.whileCollecting(
                () -> delete(reader.reachable(removed), needed(alsoNeeded), Instant.MAX, 0));
    }

    /**
     * Ends a lease, and deletes what it held and nothing else needs: that for which it came has
     * come to nothing.
     *
     * @param alsoNeeded what others than images need, such as the cache of builds
     */
    public Freed discard(Lease lease, Supplier<Set<Digest>> alsoNeeded) {
        lease.close();
        return content.whileCollecting(() -> {
            List<Digest> here = lease.held().stream().filter(content::contains).toList();
            return delete(here, needed(alsoNeeded), Instant.MAX, 0);
        });
    }

    /**
     * Deletes all that nothing needs and that came before the given time, unfinished downloads too.
     *
     * @param alsoNeeded what others than images need, such as the cache of builds
     */
    public Freed sweep(Instant before, Supplier<Set<Digest>> alsoNeeded) {
        return content.whileCollecting(() -> {
            Set<Digest> needed = needed(alsoNeeded);
            long partials = content.deletePartials(before);
            return delete(content.list(), needed, before, partials);
        });
    }

    private Freed delete(
            Collection<Digest> candidates, Set<Digest> needed, Instant before, long freed) {
        var deleted = new ArrayList<Digest>();
        long bytes = freed;
        for (Digest digest : candidates) {
            if (needed.contains(digest) || !content.since(digest).isBefore(before)) {
                continue;
            }
            long size = content.size(digest);
            if (content.deleteUnlessLeased(digest)) {
                deleted.add(digest);
                bytes += size;
            }
        }
        return new Freed(deleted, bytes);
    }

    private Set<Digest> needed(Supplier<Set<Digest>> alsoNeeded) {
        var needed = new HashSet<>(alsoNeeded.get());
        for (StoredImage image : images.list()) {
            needed.addAll(reader.reachable(image.target()));
        }
        return needed;
    }
}
