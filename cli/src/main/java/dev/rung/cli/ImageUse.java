package dev.rung.cli;

import dev.rung.domain.Digest;
import dev.rung.engine.ContainerView;
import dev.rung.image.ImageReader;
import dev.rung.image.StoredImage;
import dev.rung.oci.image.ImageManifest;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;

/**
 * Which containers use an image, of whatever platform.
 *
 * @param running one that runs; null when none does
 * @param any one of them, which runs if one does; null when there is none
 */
record ImageUse(@Nullable ContainerView running, @Nullable ContainerView any) {
    static ImageUse of(Invocation call, StoredImage image) {
        var ids = new HashSet<String>();
        var reader = new ImageReader(call.services().content());
        for (ImageManifest manifest : reader.manifests(image.target())) {
            Digest config = manifest.config().digest();
            ids.add(config.toString());
        }
        ContainerView any = null;
        for (ContainerView container : call.services().containers().list()) {
            if (ids.contains(container.record().image())) {
                if (container.phase().runs()) {
                    return new ImageUse(container, container);
                }
                any = container;
            }
        }
        return new ImageUse(null, any);
    }

    boolean isUsed() {
        return any != null;
    }
}
