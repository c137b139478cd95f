package dev.rung.build;

import dev.rung.build.BuildCache.Entry;
import dev.rung.build.BuildCache.Holds;
import dev.rung.image.ContentStore;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.oci.image.ImageConfig.HistoryEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps out of the history of images, for --cache-from. */
final class CacheImages {
    private CacheImages() {}

    /** What an image that begins with the present one says its next step, if the same, has made. */
    static @Nullable Entry find(
            List<ImageState> images,
            ImageState before,
            String createdBy,
            ContentStore content,
            Holds holds) {
        for (ImageState image : images) {
            int done = before.history().size();
            if (image.history().size() <= done || !beginsWith(image, before)) {
                continue;
            }
            HistoryEntry next = image.history().get(done);
            String created = next.created();
            if (!createdBy.equals(next.createdBy()) || created == null) {
                continue;
            }
            int count = before.diffIds().size() + (next.emptyLayer() ? 0 : 1);
            if (count > image.diffIds().size()) {
                continue;
            }
            var layers = image.layers().subList(0, count);
            var diffIds = image.diffIds().subList(0, count);
            holds.retain(diffIds, layers);
            boolean there = next.emptyLayer() || content.contains(layers.getLast().digest());
            if (there) {
                Layer layer =
                        next.emptyLayer() ? null : new Layer(layers.getLast(), diffIds.getLast());
                return new Entry(created, createdBy, layer, diffIds, layers);
            }
        }
        return null;
    }

    private static boolean beginsWith(ImageState image, ImageState before) {
        int layers = before.diffIds().size();
        if (image.diffIds().size() < layers
                || !image.diffIds().subList(0, layers).equals(before.diffIds())) {
            return false;
        }
        for (int i = 0; i < before.history().size(); i++) {
            HistoryEntry one = image.history().get(i);
            HistoryEntry other = before.history().get(i);
            if (one.emptyLayer() != other.emptyLayer()
                    || !String.valueOf(one.createdBy()).equals(String.valueOf(other.createdBy()))) {
                return false;
            }
        }
        return true;
    }
}
