package dev.rung.engine;

import dev.rung.cli.oci.CommandLine;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.record.PodFolder;
import dev.rung.engine.record.RandomNames;
import dev.rung.engine.record.RecordFolder;
import dev.rung.image.ImageStore;
import dev.rung.image.PinnedImages;
import dev.rung.linux.Fd;
import dev.rung.network.Networks;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;

/** Containers, and what belongs to them, over one set of folders. */
public final class Engine {
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Containers containers;
    private final Pods pods;
    private final Volumes volumes;
    private final Secrets secrets;
    private final Connections connections;
    private final Runtimes runtimes;
    private final Execs execs;
    private final ContainerProcesses processes;
    private final CopyFiles files;
    private final Observation observation;
    private final Events events;
    private final ImageEvents imageEvents;
    private final Checkpoints checkpoints;
    private final LogWatch logWatch = new LogWatch();
    private final ContainerCreation creation;
    private volatile PinnedImages pinned;
    private volatile boolean checkpointImages;

    /**
     * Takes up what the folders hold: containers that ran meanwhile are watched again, the end of
     * others is done.
     *
     * @param executor rung-oci's binary
     * @param sealed a copy of it in memory
     * @param steps is told of what has been done
     */
    public Engine(
            EngineFolders folders,
            ImageStore images,
            ContainerRoots roots,
            Networks allNetworks,
            Path executor,
            Fd sealed,
            CommandLine commands,
            EngineOptions options,
            Clock clock,
            Step.Listener steps) {
        pinned = options.pinned();
        checkpointImages = options.checkpointImages();
        var networks = new ContainerNetworks(allNetworks);
        var names = new RandomNames(new SecureRandom());
        var registry = new Registry(names);
        events = new Events(clock);
        var records = new RecordFolder(folders.containers());
        var frontEnds = new FrontEnds();
        var worker = new OciWorker(sealed, commands, frontEnds);
        runtimes = new Runtimes(worker, folders.runtimes(), options);
        var userNamespaces = new UserNamespaces(worker, runtimes);
        volumes =
                new Volumes(
                        new VolumeFolder(folders.volumes()),
                        registry,
                        () -> names.id().value(),
                        events,
                        clock);
        secrets = new Secrets(folders.secrets(), () -> names.id().value(), events, clock);
        var secretFiles = new SecretFiles(folders, secrets);
        var cni = new CniPods(options.cni(), folders.cni());
        var podFolder = new PodFolder(folders.pods());
        var podRegistry =
                new PodRegistry(
                        podFolder,
                        new Sandboxes(
                                folders,
                                podFolder,
                                networks,
                                cni,
                                worker,
                                options.cgroups(),
                                steps));
        var links = new ContainerLinks(registry, networks);
        var runMounts = new RunMounts(folders, volumes, images, roots, secretFiles);
        var bundles =
                new Bundles(
                        folders,
                        registry,
                        podRegistry,
                        secretFiles,
                        links,
                        options.cgroups(),
                        new HookFolders(options.hooks()),
                        HostFacts.machine());
        var spawner =
                Spawner.start(
                        executor,
                        Map.of("PATH", PATH),
                        commands.ofOurOwn(bundles.processes()),
                        frontEnds);
        execs = new Execs(registry, bundles, runtimes, spawner, () -> names.id().value(), events);
        var preparation =
                new RunPreparation(
                        folders,
                        roots,
                        runtimes,
                        bundles,
                        runMounts,
                        userNamespaces,
                        podRegistry,
                        spawner,
                        logWatch,
                        steps);
        var lifecycle =
                new Lifecycle(
                        folders,
                        preparation,
                        registry,
                        records,
                        roots,
                        runtimes,
                        bundles,
                        volumes,
                        runMounts,
                        networks,
                        podRegistry,
                        spawner,
                        events,
                        logWatch,
                        clock,
                        steps);
        creation =
                new ContainerCreation(
                        folders,
                        images,
                        roots,
                        clock,
                        registry,
                        events,
                        records,
                        runtimes,
                        volumes,
                        secrets,
                        podRegistry,
                        links,
                        new MountPoints(volumes, registry, images),
                        networks,
                        preparation,
                        lifecycle,
                        steps,
                        options.defaults());
        var freezer = new Freezer(registry, bundles, lifecycle, events);
        var endings = new Endings(registry, records, lifecycle, freezer, frontEnds, events, steps);
        var limitChanges = new LimitChanges(registry, records, bundles, lifecycle, events, steps);
        containers =
                new Containers(
                        folders,
                        roots,
                        registry,
                        events,
                        records,
                        runMounts,
                        userNamespaces,
                        bundles,
                        networks,
                        preparation,
                        lifecycle,
                        creation,
                        freezer,
                        endings,
                        limitChanges);
        pods = new Pods(containers, registry, podRegistry, networks, cni, names, events, clock);
        checkpoints =
                new Checkpoints(
                        folders, registry, images, roots, records, preparation, lifecycle, events);
        connections = new Connections(registry, records, networks, bundles, events);
        processes = new ContainerProcesses(registry, bundles, runtimes, spawner);
        files = new CopyFiles(registry, roots, runMounts, events);
        observation = new Observation(registry);
        imageEvents = new ImageEvents(events, images);
        new TakeOver(
                        folders,
                        registry,
                        records,
                        roots,
                        lifecycle,
                        limitChanges,
                        podRegistry,
                        cni,
                        networks)
                .run();
    }

    public Containers containers() {
        return containers;
    }

    public Pods pods() {
        return pods;
    }

    public Volumes volumes() {
        return volumes;
    }

    public Secrets secrets() {
        return secrets;
    }

    /** Networks, and who is in them. */
    public Connections connections() {
        return connections;
    }

    public Runtimes runtimes() {
        return runtimes;
    }

    /** Processes beside a container's own that are called by an id. */
    public Execs execs() {
        return execs;
    }

    /** Runs processes in containers for somebody else than a front end. */
    public ContainerProcesses processes() {
        return processes;
    }

    /** What containers were written to, and what they can go on from. */
    public Checkpoints checkpoints() {
        return checkpoints;
    }

    /** Copies files into containers and out of them. */
    public CopyFiles files() {
        return files;
    }

    public Observation observation() {
        return observation;
    }

    public Events events() {
        return events;
    }

    /** Tells what happens to images. */
    public ImageEvents imageEvents() {
        return imageEvents;
    }

    /** For who follows logs. */
    public LogWatch logWatch() {
        return logWatch;
    }

    /** Images that are not removed for want of use. */
    public PinnedImages pinnedImages() {
        return pinned;
    }

    /** Whether a kubelet's container goes on from an image that holds a checkpoint. */
    public boolean checkpointImages() {
        return checkpointImages;
    }

    /** Takes other settings, for containers to come. */
    public void settle(EngineOptions options) {
        runtimes.settle(options);
        creation.settle(options.defaults());
        pinned = options.pinned();
        checkpointImages = options.checkpointImages();
    }
}
