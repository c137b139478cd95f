package dev.rung.image;

import dev.rung.domain.Digest;
import dev.rung.domain.ImageName;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageManifest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image for one platform, all of it in the store but perhaps its layers.
 *
 * @param name as it was asked for; null when by an id of something without a name
 * @param target what the name points at: the manifest, or the index that it was chosen from
 * @param descriptor the manifest's
 */
public record Image(
        @Nullable ImageName name,
        ContentDescriptor target,
        ContentDescriptor descriptor,
        ImageManifest manifest,
        ImageConfig config) {

    /** As docker counts: the digest of the config. */
    public Digest id() {
        return manifest.config().digest();
    }

    /** In order, the lowest first. */
    public List<LayerSink.Layer> layers() {
        var layers = new ArrayList<LayerSink.Layer>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            layers.add(
                    new LayerSink.Layer(
                            manifest.layers().get(i), config.diffIds().subList(0, i + 1)));
        }
        return List.copyOf(layers);
    }
}
