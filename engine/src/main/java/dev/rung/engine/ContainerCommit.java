package dev.rung.engine;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.Lease;
import dev.rung.image.archive.Spool;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageConfig.HistoryEntry;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.LayerPacking;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes images of containers: their image's layers, and one with what they changed. */
public final class ContainerCommit {
    private final Containers containers;
    private final ImageEvents events;
    private final SnapshotStore snapshots;
    private final ContentStore content;
    private final ImageStore images;
    private final Path spools;
    private final Clock clock;

    /** Spools go to a folder of our own on the disk of the content. */
    public ContainerCommit(
            Engine engine,
            SnapshotStore snapshots,
            ContentStore content,
            ImageStore images,
            Path spools,
            Clock clock) {
        containers = engine.containers();
        events = engine.imageEvents();
        this.snapshots = snapshots;
        this.content = content;
        this.images = images;
        this.spools = spools;
        this.clock = clock;
    }

    /**
     * What is asked for.
     *
     * @param name null: the image gets none
     * @param changes of what the image says of its containers
     * @param pauses whether processes stand still meanwhile
     */
    public record Order(
            @Nullable ImageName name,
            String author,
            String message,
            UnaryOperator<ContainerDefaults> changes,
            boolean pauses) {}

    /** Makes an image of the container; the image's id. */
    public Digest commit(String container, Order order) throws IOException, InterruptedException {
        ContainerView view = containers.get(container);
        String id = view.record().id().value();
        boolean pauses = order.pauses() && view.phase() == Phase.RUNNING && pause(id);
        try (Lease lease = content.lease()) {
            Spool.Layer layer =
                    Spool.layer(
                            content,
                            lease,
                            spools,
                            LayerPacking.GZIP,
                            out -> snapshots.writeLayer(id, ContainerFiles.MARKS, out));
            return image(view, order, layer, lease);
        } finally {
            if (pauses) {
                unpause(id);
            }
        }
    }

    /** False when it has ended meanwhile, or somebody else paused it. */
    private boolean pause(String id) {
        try {
            containers.pauseForCommit(id);
            return true;
        } catch (Failure.WrongState _) {
            return false;
        }
    }

    private void unpause(String id) {
        try {
            containers.unpause(id);
        } catch (Failure.WrongState _) {
            // it ended while it was being paused
        }
    }

    private Digest image(ContainerView view, Order order, Spool.Layer layer, Lease lease)
            throws InterruptedException {
        Image parent = parent(view, lease);
        ImageConfig before = parent.config();
        String created = clock.instant().toString();
        var diffIds = new ArrayList<>(before.diffIds());
        diffIds.add(layer.diffId());
        var history = new ArrayList<>(before.history());
        history.add(
                new HistoryEntry(
                        created,
                        String.join(" ", view.record().config().argv()),
                        order.author().isEmpty() ? null : order.author(),
                        order.message().isEmpty() ? null : order.message(),
                        false));
        ContainerDefaults settings = settings(view.record().config(), before.config());
        byte[] config =
                new ImageConfig(
                                created,
                                order.author().isEmpty() ? null : order.author(),
                                before.platform(),
                                order.changes().apply(settings),
                                diffIds,
                                history)
                        .json();
        var layers = new ArrayList<ContentDescriptor>(parent.manifest().layers());
        layers.add(layer.descriptor());
        ContentDescriptor configAt = ImageDocument.describe(MediaTypes.OCI_CONFIG, config);
        byte[] manifest = ImageManifest.of(configAt, layers).json();
        ContentDescriptor target = ImageDocument.describe(MediaTypes.OCI_MANIFEST, manifest);
        put(lease, configAt, config);
        put(lease, target, manifest);
        if (order.name() == null) {
            images.putNameless(target);
        } else {
            images.put(order.name(), target);
            events.told("tag", target.digest(), order.name());
        }
        return configAt.digest();
    }

    /** The image that the container was made of, with all of its content. */
    private Image parent(ContainerView view, Lease lease) {
        Image parent = images.resolve(view.record().image(), Platform.host());
        lease.retain(parent.id());
        for (ContentDescriptor layer : parent.manifest().layers()) {
            lease.retain(layer.digest());
            if (!content.contains(layer.digest()) && !MediaTypes.isForeign(layer.mediaType())) {
                throw new Failure.NotFound("content " + layer.digest() + ": not found");
            }
        }
        return parent;
    }

    /** The container's, and what only images have. */
    private static ContainerDefaults settings(ContainerConfig own, ContainerDefaults image) {
        return new ContainerDefaults(
                own.user().isEmpty() ? null : own.user(),
                own.exposedPorts(),
                own.env(),
                own.entrypoint(),
                own.cmd(),
                own.volumes(),
                own.workingDir().isEmpty() ? null : own.workingDir(),
                own.labels(),
                own.stopSignal().isEmpty() ? null : own.stopSignal(),
                own.stopTimeoutSeconds(),
                image.healthcheck(),
                image.onBuild(),
                image.shell(),
                image.argsEscaped());
    }

    private void put(Lease lease, ContentDescriptor descriptor, byte[] text)
            throws InterruptedException {
        lease.retain(descriptor.digest());
        content.put(descriptor, text);
    }
}
