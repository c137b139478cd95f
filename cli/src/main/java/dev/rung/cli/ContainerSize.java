package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.image.Image;
import dev.rung.image.snapshot.SnapshotStore;

/**
 * How much of the disk a container takes, in bytes.
 *
 * @param own what it wrote
 * @param image the layers below, which it may share with others
 */
record ContainerSize(long own, long image) {
    static ContainerSize of(Services services, ContainerView container) {
        SnapshotStore snapshots = services.snapshots();
        long own = 0;
        long layers = 0;
        try {
            own = snapshots.usage(container.record().id().value()).bytes();
            Image image = services.images().resolve(container.record().image(), Platform.host());
            for (Digest layer : SnapshotStore.chain(image.config().diffIds())) {
                layers += snapshots.contains(layer) ? snapshots.usage(layer).bytes() : 0;
            }
        } catch (Failure _) {
            // the container is gone meanwhile, or the image was taken away by force
        }
        return new ContainerSize(own, layers);
    }

    long whole() {
        return own + image;
    }

    @Override
    public String toString() {
        return Human.size(own) + " (virtual " + Human.size(whole()) + ")";
    }
}
