package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.monitor.MonitorVerb;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.monitor.Streams;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ClientStreams;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes what a run of a container needs, up to its process that waits to be let go. */
final class RunPreparation {
    private final EngineFolders folders;
    private final ContainerRoots roots;
    private final Runtimes runtimes;
    private final Bundles bundles;
    private final RunMounts mounts;
    private final UserNamespaces userNamespaces;
    private final PodRegistry pods;
    private final Spawner spawner;
    private final LogWatch logWatch;
    private final Step.Listener steps;

    RunPreparation(
            EngineFolders folders,
            ContainerRoots roots,
            Runtimes runtimes,
            Bundles bundles,
            RunMounts mounts,
            UserNamespaces userNamespaces,
            PodRegistry pods,
            Spawner spawner,
            LogWatch logWatch,
            Step.Listener steps) {
        this.folders = folders;
        this.roots = roots;
        this.runtimes = runtimes;
        this.bundles = bundles;
        this.mounts = mounts;
        this.userNamespaces = userNamespaces;
        this.pods = pods;
        this.spawner = spawner;
        this.logWatch = logWatch;
        this.steps = steps;
    }

    ContainerRuntime runtime(Container container) {
        return runtimes.of(container.record().host().runtime());
    }

    static void checkThere(Container container) {
        if (container.phase() == Phase.REMOVING) {
            throw new Failure.WrongState("container is marked for removal and cannot be started");
        }
    }

    /**
     * Its process waits; its lock is held.
     *
     * @param images of a checkpoint, from which it goes on instead of waiting; null: none
     */
    Monitor create(
            Container container, ContainerRuntime runtime, Stopwatch watch, @Nullable Path images) {
        ContainerRecord record = container.record();
        String pod = record.host().pod();
        if (!pod.isEmpty()) {
            pods.ready(pod);
            watch.lap("pod");
        }
        Map<String, Path> sources = mounts.make(record);
        if (!sources.isEmpty()) {
            watch.lap("volumes");
        }
        Path root = mountRoot(container, sources);
        steps.done(Step.ROOT_MOUNTED, record.id());
        boolean mapped = "".equals(container.noUserNamespace());
        watch.lap("rootfs", mapped ? "id-mapped" : "");
        Path bundle = bundles.write(record, root, sources, mapped);
        steps.done(Step.BUNDLE_WRITTEN, record.id());
        watch.lap("config");
        LogForwarder.begin(container, logWatch);
        var options = new ArrayList<String>(List.of("--bundle", bundle.toString()));
        if (images != null) {
            options.addAll(Checkpoints.restoring(container, images));
        } else if (runtime.creator() instanceof MonitorRuntime.Host) {
            options.addAll(List.of("--timings", Traces.timings(container).toString()));
        }
        boolean tty = record.config().tty();
        ClientStreams client = record.config().client();
        Monitor monitor =
                spawner.create(
                        new MonitorOrder(
                                record.id(),
                                container.folders,
                                runtime.creator(),
                                runtime.globals(),
                                options,
                                tty
                                        ? new Streams.Terminal(client.rows(), client.columns())
                                        : new Streams.Pipes(record.config().openStdin()),
                                ContainerLogs.of(record),
                                record.host().autoRemove(),
                                images == null
                                        ? new MonitorVerb.Create()
                                        : new MonitorVerb.Restore(),
                                Set.of()));
        watch.lap("create", runtimes.called(record.host().runtime()));
        if (!pod.isEmpty() && !record.host().cri().flat()) {
            limit(pod, monitor);
        }
        return monitor;
    }

    private void limit(String pod, Monitor monitor) {
        try {
            pods.sandboxes().limit(pods.find(pod).record(), monitor.running().process().pid());
        } catch (RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    /**
     * What creating it does; where it does not run, its root is mounted for as long as it takes.
     */
    String explain(Container container, List<String> options) {
        ContainerRecord record = container.record();
        container.lock.lock();
        try {
            if (container.phase().runs()) {
                return runtime(container)
                        .explain(record.id(), folders.bundle(record.id()), options);
            }
            checkThere(container);
            return withBundle(
                    container, bundle -> runtime(container).explain(record.id(), bundle, options));
        } finally {
            container.lock.unlock();
        }
    }

    /** The bundle that a start would make, for as long as that takes. */
    private <T> T withBundle(Container container, Function<Path, T> use) {
        ContainerRecord record = container.record();
        try {
            Map<String, Path> sources = mounts.make(record);
            Path root = mountRoot(container, sources);
            boolean mapped = "".equals(container.noUserNamespace());
            return use.apply(bundles.write(record, root, sources, mapped));
        } finally {
            roots.unmount(record.id());
            mounts.remove(record);
        }
    }

    /** The config.json that one that has not run would be started with. */
    JsonFields preview(Container container) {
        container.lock.lock();
        try {
            return withBundle(
                    container,
                    bundle -> {
                        Path file = bundle.resolve("config.json");
                        try {
                            JsonFields config =
                                    JsonFields.read(file.toString(), Files.readAllBytes(file));
                            Files.delete(file);
                            return config;
                        } catch (IOException e) {
                            throw new Failure.HostRefused(
                                    "read \"" + file + "\": " + e.getMessage(), e);
                        }
                    });
        } finally {
            container.lock.unlock();
        }
    }

    /** With a user namespace where nothing speaks against it; the container knows afterwards. */
    private Path mountRoot(Container container, Map<String, Path> sources) {
        ContainerRecord record = container.record();
        IdMapping ids = record.host().cri().userNamespace();
        if (ids != null) {
            return mountRoot(container, sources, ids);
        }
        String against = userNamespaces.reason(record);
        if (against.isEmpty()) {
            against = userNamespaces.reason(record, sources);
        }
        Fd namespace = userNamespaces.namespace();
        if (against.isEmpty() && namespace != null) {
            try {
                Path root = roots.mount(record.id(), namespace, UserNamespace.FIRST);
                container.noUserNamespace("");
                return root;
            } catch (Failure.HostRefused e) {
                against = String.valueOf(e.getMessage());
                Path root = roots.mount(record.id());
                userNamespaces.impossible(against); // it was not the root file system's fault
                container.noUserNamespace(against);
                return root;
            }
        }
        container.noUserNamespace(against);
        return roots.mount(record.id());
    }

    /** In its pod's user namespace; HostRefused where something cannot be mapped to it. */
    private Path mountRoot(Container container, Map<String, Path> sources, IdMapping ids) {
        ContainerRecord record = container.record();
        String path = pods.sandboxes().namespaces(pods.of(record)).get(NamespaceType.USER);
        if (path == null) {
            throw new Failure.WrongState("the pod of " + record.id() + " has no user namespace");
        }
        try (Fd namespace = Paths.open(null, KernelPath.of(path), Paths.O_RDONLY, 0, 0)) {
            String against = UserNamespaces.reason(record, sources, namespace);
            if (!against.isEmpty()) {
                throw new Failure.HostRefused("user namespace of the pod: " + against, null);
            }
            Path root = roots.mount(record.id(), namespace, (int) ids.hostId());
            container.noUserNamespace("");
            return root;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "open the user namespace of the pod: " + e.getMessage(), e);
        }
    }
}
