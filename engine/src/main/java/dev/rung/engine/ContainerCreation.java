package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.engine.config.Capabilities;
import dev.rung.engine.config.ImageSettings;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostDefaults;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.oci.json.JsonFields;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes containers: a root, mount points and a record, all of them or nothing. */
final class ContainerCreation {
    private final EngineFolders folders;
    private final ImageStore images;
    private final ContainerRoots roots;
    private final Clock clock;
    private final Registry registry;
    private final Events events;
    private final RecordFolder records;
    private final Runtimes runtimes;
    private final Volumes volumes;
    private final Secrets secrets;
    private final PodRegistry pods;
    private final ContainerLinks links;
    private final MountPoints mountPoints;
    private final ContainerNetworks networks;
    private final RunPreparation preparation;
    private final Lifecycle lifecycle;
    private final Step.Listener steps;
    private volatile HostDefaults defaults;

    ContainerCreation(
            EngineFolders folders,
            ImageStore images,
            ContainerRoots roots,
            Clock clock,
            Registry registry,
            Events events,
            RecordFolder records,
            Runtimes runtimes,
            Volumes volumes,
            Secrets secrets,
            PodRegistry pods,
            ContainerLinks links,
            MountPoints mountPoints,
            ContainerNetworks networks,
            RunPreparation preparation,
            Lifecycle lifecycle,
            Step.Listener steps,
            HostDefaults defaults) {
        this.folders = folders;
        this.images = images;
        this.roots = roots;
        this.clock = clock;
        this.registry = registry;
        this.events = events;
        this.records = records;
        this.runtimes = runtimes;
        this.volumes = volumes;
        this.secrets = secrets;
        this.pods = pods;
        this.links = links;
        this.mountPoints = mountPoints;
        this.networks = networks;
        this.preparation = preparation;
        this.lifecycle = lifecycle;
        this.steps = steps;
        this.defaults = defaults;
    }

    /** Completes containers to come by these. */
    void settle(HostDefaults changed) {
        defaults = changed;
    }

    /** The log driver of containers that ask for none. */
    String defaultLogDriver() {
        return defaults.log().driver();
    }

    /** Makes a container of an image that is there; synced when this returns. */
    ContainerView create(NewContainer request) {
        return create(request, image(request), false, null);
    }

    /** The same, when somebody has a say in what it becomes. */
    ContainerView create(NewContainer request, Amendment amendment) {
        return create(request, image(request), false, amendment);
    }

    /** Whether the image that a container is to be made of is here, for its platform. */
    boolean hasImage(NewContainer request) {
        try {
            return image(request) != null;
        } catch (Failure.NotFound e) {
            return false;
        }
    }

    private Image image(NewContainer request) {
        String name = request.config().image();
        Platform platform = request.platform();
        return platform == null
                ? images.resolve(name, Platform.host())
                : images.resolveOnly(name, platform);
    }

    /**
     * Makes a container for a step of a build, of an image that need not be kept yet. It is of use
     * only to this engine: the next one removes it.
     */
    ContainerView createForBuild(NewContainer request, Image image) {
        return create(request, image, true, null);
    }

    private ContainerView create(
            NewContainer request, Image image, boolean passing, @Nullable Amendment amendment) {
        var watch = new Stopwatch(clock.instant());
        String asked = request.host().runtime();
        HostOptions host =
                defaults.complete(request.host(), asked.isEmpty() ? runtimes.usual() : asked)
                        .resolved(
                                secrets.resolve(request.host().secrets()),
                                pod(request.host().pod()));
        runtimes.check(host.runtime());
        links.check(host);
        Capabilities.check(host.capAdd(), host.capDrop());
        List<NetworkWish> wishes =
                sharesNetwork(host, request)
                        ? List.of()
                        : networks.resolve(request.networks(), host);
        ContainerConfig config = ImageSettings.of(image.config()).complete(request.config());
        if (!config.stopSignal().isEmpty()) {
            Signals.parse(config.stopSignal());
        }
        watch.lap("image", request.config().image());
        ContainerId id = registry.freshId();
        ContainerName name = registry.reserve(id, request.name());
        boolean done = false;
        var mounts = new MountPoints.Resolved(List.of(), Set.of());
        try {
            roots.prepare(id, image);
            steps.done(Step.ROOT_PREPARED, id);
            watch.lap("snapshot", layers(image));
            mounts = mountPoints.resolve(config, host);
            if (!mounts.filled().isEmpty()) {
                fill(id, mounts);
            }
            if (!mounts.points().isEmpty()) {
                watch.lap("volumes");
            }
            var record =
                    new ContainerRecord(
                            id,
                            name,
                            clock.instant(),
                            config,
                            host,
                            image.id().toString(),
                            mounts.points(),
                            wishes,
                            null,
                            false,
                            0,
                            "");
            if (amendment != null) {
                record = amended(record, amendment);
                watch.lap("amended");
            }
            // one that is removed at its end is of no use after a power cut
            records.write(record, !host.autoRemove() && !passing);
            steps.done(Step.RECORD_WRITTEN, id);
            watch.lap("record", host.autoRemove() ? "" : "synced");
            var container = new Container(record, folders.of(id));
            container.creation(watch);
            registry.add(container);
            done = true;
            events.container(record, "create");
            return container.view();
        } finally {
            volumes.letGo(mounts.points());
            if (!done) {
                lifecycle.unmake(id);
                volumes.removeAnonymous(mounts.points());
                registry.release(name, id);
            }
        }
    }

    private ContainerRecord amended(ContainerRecord record, Amendment amendment) {
        JsonFields config = preparation.preview(new Container(record, folders.of(record.id())));
        ContainerRecord amended = amendment.amend(record, config);
        if (!amended.equals(record)) {
            CdiSpecs.editsOf(amended.host().devices()); // they are there, or it is not made
        }
        return amended;
    }

    private String pod(String name) {
        return name.isEmpty() ? "" : pods.find(name).record().id().value();
    }

    /** Whether its network is that of its pod; Invalid where it wants another, too. */
    private boolean sharesNetwork(HostOptions host, NewContainer request) {
        if (host.pod().isEmpty() || !pods.find(host.pod()).record().shares().contains("net")) {
            return false;
        }
        boolean asks =
                !request.networks().isEmpty()
                        || host.network().kind() != NamespaceMode.Kind.DEFAULT
                        || !host.ports().isEmpty()
                        || host.publishAll();
        if (asks) {
            throw new Failure.Invalid(
                    "published or exposed ports and networks must be defined when the pod is"
                            + " created: network cannot be configured when it is shared with a pod");
        }
        return true;
    }

    private static String layers(Image image) {
        int count = image.config().diffIds().size();
        return count == 1 ? "1 layer" : count + " layers";
    }

    private void fill(ContainerId id, MountPoints.Resolved mounts) {
        Path root = roots.mount(id);
        try {
            mountPoints.fill(mounts, root);
        } finally {
            roots.unmount(id);
        }
    }
}
