package dev.rung.daemon;

import dev.rung.build.BuildCache;
import dev.rung.build.Builder;
import dev.rung.cli.Archives;
import dev.rung.cli.RungCommandLine;
import dev.rung.cli.Services;
import dev.rung.cli.TransferDisplay;
import dev.rung.cli.oci.CommandLine;
import dev.rung.cri.CriServer;
import dev.rung.cri.CriServices;
import dev.rung.docker.DockerApi;
import dev.rung.docker.DockerServices;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.ContainerCommit;
import dev.rung.engine.ContainerFiles;
import dev.rung.engine.Engine;
import dev.rung.engine.EngineFolders;
import dev.rung.engine.SnapshotRoots;
import dev.rung.engine.Step;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.archive.FileSystemImporter;
import dev.rung.image.archive.ImageLoader;
import dev.rung.image.archive.ImageSaver;
import dev.rung.image.registry.ConfiguredHosts;
import dev.rung.image.registry.Puller;
import dev.rung.image.registry.Pusher;
import dev.rung.image.registry.Registries;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotKind;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.unpack.UnpackingApart;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.linux.Paths;
import dev.rung.network.Ground;
import dev.rung.network.NetworkStep;
import dev.rung.network.Networks;
import dev.rung.resident.Handler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Everything that lives as long as the engine: this page is its map. */
final class Wiring {
    private static final Duration START_IS_OVER = Duration.ofMinutes(1);

    /** Downloads that broke off go on within this time, and are of no use later. */
    private static final Duration KEPT_UNFINISHED = Duration.ofDays(1);

    private static final int LONGEST_EXECUTOR = 16 << 20;

    private Wiring() {}

    static Handler make(
            Settings settings,
            String dockerSocket,
            Runnable leaveAlone,
            Step.Listener steps,
            NetworkStep.Listener networkSteps) {
        var docker =
                new DockerSocket(
                        settings.sockets().resolve("docker.sock"),
                        dockerSocket,
                        settings.written().docker(),
                        GivenSocket.find());
        Runnable leave =
                () -> {
                    docker.close();
                    leaveAlone.run();
                };
        makeFolder(settings.durable());
        makeFolder(settings.running());
        EngineLock.take(settings.durable().resolve("lock"));
        PidFile.write(settings.sockets().resolve("rungd.pid"), leave);
        var folders = new EngineFolders(settings.durable(), settings.running());
        ContentStore content = ContentStore.open(settings.durable().resolve("content"));
        var names = new ConfiguredHosts(Control.hosts(settings, settings.written()));
        ImageStore images =
                ImageStore.open(settings.durable().resolve("images"), content, names::meant);
        Path snapshotFolder = settings.durable().resolve("snapshots");
        makeFolder(snapshotFolder);
        Fd executor = sealed(settings.executor());
        SnapshotStore snapshots =
                SnapshotStore.open(
                        snapshotFolder,
                        SnapshotKind.possibleIn(snapshotFolder),
                        () -> new UnpackingApart(executor, settings.installation()));
        var roots = new SnapshotRoots(snapshots, content, folders);
        var oci = new CommandLine();
        Ground ground =
                settings.held()
                        ? Ground.ofUser(settings.running(), settings.sockets())
                        : Ground.MACHINE;
        var engine =
                new Engine(
                        folders,
                        images,
                        roots,
                        Networks.open(
                                settings.durable().resolve("networks"),
                                settings.written().packetRules(),
                                ground,
                                settings.written().networks(),
                                networkSteps),
                        settings.executor(),
                        executor,
                        oci,
                        settings.written().engine(),
                        Clock.systemUTC(),
                        steps);
        var control = new Control(settings, engine, leave);
        Hangups.answer(control);
        var hosts = new ConfiguredHosts(control::hosts);
        var registries = new Registries(hosts, System.getenv(), control::limits);
        var transfer =
                new RegistryTransfer(
                        images,
                        snapshots,
                        hosts,
                        registries,
                        new Puller(registries, content, images, control::policy),
                        new Pusher(registries, content, images),
                        engine.imageEvents());
        Path builds = settings.durable().resolve("builds");
        makeFolder(builds);
        BuildCache cache =
                BuildCache.open(builds.resolve("cache"), content, snapshots, Clock.systemUTC());
        Path spools = settings.durable().resolve("spools");
        makeFolder(spools);
        var archives =
                new Archives(
                        new ImageLoader(content, images, spools, cache::contents),
                        new ImageSaver(content),
                        new FileSystemImporter(content, images, spools));
        var reclaim = new Reclaim(content, images, snapshots, cache);
        var builder =
                new Builder(
                        new Builder.Folders(builds, settings.running().resolve("builds"), spools),
                        engine,
                        roots,
                        snapshots,
                        content,
                        images,
                        cache,
                        reclaim,
                        Clock.systemUTC());
        Thread.ofVirtual().name("sweep images").start(() -> sweep(reclaim));
        Path criSocket = settings.written().criSocket();
        if (criSocket != null) {
            var services =
                    new CriServices(
                            engine,
                            images,
                            snapshots,
                            snapshotFolder,
                            reclaim,
                            (name, credentials) ->
                                    transfer.pull(name, "", credentials, TransferDisplay.SILENT),
                            settings.written().plugins().settled(settings.home()),
                            settings.written().mountsFiles(),
                            Services.VERSION,
                            Clock.systemUTC());
            var server = CriServer.start(criSocket, services);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "end CRI"));
        }
        var files = new ContainerFiles(engine.containers(), roots, snapshots);
        var commits =
                new ContainerCommit(engine, snapshots, content, images, spools, Clock.systemUTC());
        docker.serve(() ->
                new DockerApi(
                        new DockerServices(
                                engine,
                                images,
                                content,
                                snapshots,
                                archives.loader(),
                                archives.saver(),
                                archives.importer(),
                                files,
                                commits,
                                builder,
                                reclaim,
                                transfer,
                                control,
                                Services.VERSION,
                                settings.durable().toString())));
        return new RungCommandLine(
                new Services(
                        engine,
                        images,
                        content,
                        snapshots,
                        transfer,
                        archives,
                        files,
                        commits,
                        builder,
                        reclaim,
                        control,
                        settings.home().toString()),
                oci);
    }

    /** When nobody waits for the engine any more. */
    private static void sweep(Reclaim reclaim) {
        try {
            Thread.sleep(START_IS_OVER);
            reclaim.sweep(Instant.now().minus(KEPT_UNFINISHED));
        } catch (InterruptedException | Failure e) {
            // the next removal of an image tries again
        }
    }

    private static void makeFolder(Path folder) {
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        try {
            Files.createDirectories(folder, mode);
        } catch (IOException e) {
            throw new Failure.HostRefused("make \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /** A copy in memory that nobody can write to. */
    private static Fd sealed(Path executor) {
        try (Fd file = Paths.open(null, KernelPath.of(executor.toString()), 0, 0, 0)) {
            byte[] binary = Descriptors.readAll(file, LONGEST_EXECUTOR);
            return Memfds.sealed(KernelPath.of("rung-exec"), binary);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("read \"" + executor + "\": " + e.getMessage(), e);
        }
    }
}
