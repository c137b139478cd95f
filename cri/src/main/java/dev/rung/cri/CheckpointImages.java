package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Images that hold a checkpoint, as an archive of it that was added to an empty image shows: {@code
 * buildah add}, {@code checkpointctl build}, {@code podman container checkpoint --create-image}. An
 * annotation of the manifest, or of the index, says so; nothing else does, neither a label nor what
 * lies in the layers.
 */
final class CheckpointImages {
    /** Of containerd and checkpointctl, of CRI-O, of podman. */
    private static final List<String> ANNOTATIONS =
            List.of(
                    "org.criu.checkpoint.container.name",
                    "io.kubernetes.cri-o.annotations.checkpoint.name",
                    "io.podman.annotations.checkpoint.name");

    private static final String SETTING = "checkpoint-images";

    private final ImageStore images;
    private final BooleanSupplier allowed;

    /**
     * Of a store.
     *
     * @param allowed whether a container may be made of one
     */
    CheckpointImages(ImageStore images, BooleanSupplier allowed) {
        this.images = images;
        this.allowed = allowed;
    }

    /**
     * The image of that name, if it holds a checkpoint; null: no such image, or another. Denied
     * when none is to be restored: it is never run as if it were an image like others.
     */
    @Nullable Image find(String name) {
        Image image = resolved(name);
        if (image == null) {
            return null;
        }
        Map<String, String> annotations = images.annotations(image);
        for (String annotation : ANNOTATIONS) {
            String container = annotations.get(annotation);
            if (container != null && !allowed.getAsBoolean()) {
                throw new Failure.Denied(
                        "image \""
                                + Printable.of(name)
                                + "\" holds a checkpoint of container \""
                                + Printable.of(container)
                                + "\" (annotation "
                                + annotation
                                + "): such images are restored with "
                                + SETTING
                                + " = true in rung.toml only");
            } else if (container != null) {
                return image;
            }
        }
        return null;
    }

    /** Who makes the container says what is wrong with it. */
    private @Nullable Image resolved(String name) {
        try {
            return images.resolve(name, Platform.host());
        } catch (Failure.NotFound | Failure.Invalid | Failure.Unsupported _) {
            return null;
        }
    }
}
