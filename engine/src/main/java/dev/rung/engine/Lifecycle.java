package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.MonitorFinding;
import dev.rung.engine.monitor.ProcessIdentity;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.RestartPolicy;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Starts containers, watches them, and does what their end asks for. */
final class Lifecycle {
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);
    private static final Duration LONG_RUN = Duration.ofSeconds(10);
    private static final Duration LONGEST_FORWARDING = Duration.ofSeconds(10);
    private static final int UNKNOWN_CODE = 255;
    private static final int NOT_FOUND_CODE = 127;
    private static final int NOT_EXECUTABLE_CODE = 126;
    private static final int NOT_STARTED_CODE = 128;

    private final EngineFolders folders;
    private final RunPreparation preparation;
    private final Registry registry;
    private final RecordFolder records;
    private final ContainerRoots roots;
    private final Runtimes runtimes;
    private final Bundles bundles;
    private final Volumes volumes;
    private final RunMounts mounts;
    private final ContainerNetworks networks;
    private final PodRegistry pods;
    private final Events events;
    private final HealthProbe probe;
    private final LogWatch logWatch;
    private final Clock clock;
    private final Step.Listener steps;
    private final AtomicLong starts = new AtomicLong();

    Lifecycle(
            EngineFolders folders,
            RunPreparation preparation,
            Registry registry,
            RecordFolder records,
            ContainerRoots roots,
            Runtimes runtimes,
            Bundles bundles,
            Volumes volumes,
            RunMounts mounts,
            ContainerNetworks networks,
            PodRegistry pods,
            Spawner spawner,
            Events events,
            LogWatch logWatch,
            Clock clock,
            Step.Listener steps) {
        this.folders = folders;
        this.preparation = preparation;
        this.registry = registry;
        this.records = records;
        this.roots = roots;
        this.runtimes = runtimes;
        this.bundles = bundles;
        this.volumes = volumes;
        this.mounts = mounts;
        this.networks = networks;
        this.pods = pods;
        this.events = events;
        this.logWatch = logWatch;
        this.probe = new HealthProbe(spawner, bundles, runtimes, clock);
        this.clock = clock;
        this.steps = steps;
    }

    /** How many there were. */
    long starts() {
        return starts.get();
    }

    ContainerRuntime runtime(Container container) {
        return preparation.runtime(container);
    }

    /**
     * Starts a container, unless it runs.
     *
     * @param created called once the container is created and before its process runs, such as to
     *     attach to it
     * @return false when it ran already
     */
    boolean start(Container container, int restarts, Consumer<ContainerFolders> created) {
        return start(container, restarts, null, created);
    }

    /**
     * The same, or has it go on from a checkpoint.
     *
     * @param images of the checkpoint, null: none
     */
    boolean start(
            Container container,
            int restarts,
            @Nullable Path images,
            Consumer<ContainerFolders> created) {
        container.lock.lock();
        try {
            if (container.phase().runs()) {
                return false;
            }
            RunPreparation.checkThere(container);
            var watch = new Stopwatch(clock.instant());
            ContainerRuntime runtime = runtime(container);
            Monitor monitor = null;
            container.beginStart();
            try {
                monitor = preparation.create(container, runtime, watch, images);
                steps.done(Step.CREATED, container.id());
                container.begin(monitor.running());
                join(container, monitor.running().process(), watch);
                steps.done(Step.NETWORK_JOINED, container.id());
                created.accept(container.folders);
                container.tellAttendants();
                watch.lap("attach");
                if (images == null) {
                    runtime.start(container.id());
                }
                watch.lap("exec", String.join(" ", container.record().config().argv()));
                steps.done(Step.STARTED, container.id());
            } catch (RuntimeException e) {
                RuntimeException why = container.endStart() ? givenUp(container, e) : e;
                if (monitor != null) {
                    monitor.close();
                }
                failed(container, why);
                throw why;
            }
            container.endStart();
            container.record(container.record().startedAt(clock.instant(), restarts));
            recordStart(container);
            Traces.keep(container, watch, runtimes.called(container.record().host().runtime()));
            starts.incrementAndGet();
            events.container(container.record(), "start");
            watch(container, monitor);
            HealthWatch.begin(container, probe, events, clock);
            return true;
        } finally {
            container.lock.unlock();
        }
    }

    /**
     * Nobody waits for it: that the container runs, the next engine sees without being told. Who
     * has to do with the container next does wait.
     */
    private void recordStart(Container container) {
        Thread.ofVirtual()
                .name("record " + container.id())
                .start(() -> {
                    container.lock.lock();
                    try {
                        if (!registry.has(container.id())) {
                            return; // it was removed meanwhile
                        }
                        attempt("record a start", () -> records.write(container.record(), false));
                        steps.done(Step.START_RECORDED, container.id());
                    } finally {
                        container.lock.unlock();
                    }
                });
    }

    private void join(Container container, ProcessIdentity process, Stopwatch watch) {
        NameFiles.Whereabouts where = networks.join(container.record(), process);
        if (!where.endpoints().isEmpty()) {
            bundles.writeNames(container.record(), where);
            watch.lap("network", where.text());
        }
        for (Container other : bundles.linkedTo(container)) {
            bundles.writeNames(other.record(), networks.whereabouts(other.id()));
        }
    }

    private static RuntimeException givenUp(Container container, RuntimeException e) {
        return new Failure.HostRefused(
                "the start of container "
                        + container.id()
                        + " was given up, as it is to end: "
                        + e.getMessage(),
                e);
    }

    /** Takes back what a start that came to nothing has left. */
    private void failed(Container container, RuntimeException failure) {
        String why = String.valueOf(failure.getMessage());
        clear(container);
        container.end(code(container.record(), why), false, clock.instant());
        container.record(container.record().failed(why));
        try {
            records.write(container.record(), false);
        } catch (Failure e) {
            failure.addSuppressed(e); // why it did not start is what counts
        }
        container.tell();
    }

    /** As Docker's: only what is said of the program itself is the program's. */
    private static int code(ContainerRecord record, String why) {
        List<String> argv = record.config().argv();
        if (argv.isEmpty() || !why.contains(argv.getFirst())) {
            return NOT_STARTED_CODE;
        }
        if (why.contains("executable file not found")
                || why.contains("no such file or directory")) {
            return NOT_FOUND_CODE;
        }
        return why.contains("permission denied") ? NOT_EXECUTABLE_CODE : NOT_STARTED_CODE;
    }

    /**
     * What is left of a run: the runtime's state, cgroups, the mounted root. What cannot be taken
     * away keeps nothing else from it, and nobody from being told of the end.
     */
    private void clear(Container container) {
        ContainerId id = container.id();
        attempt("delete the run of " + id, () -> runtime(container).delete(id));
        attempt("forget that " + id + " was paused", () -> Pauses.forget(container));
        steps.done(Step.RUNTIME_CLEARED, id);
        attempt("take " + id + " out of its networks", () -> networks.leave(id));
        steps.done(Step.NETWORK_LEFT, id);
        attempt("unmount the root of " + id, () -> roots.unmount(id));
        steps.done(Step.ROOT_UNMOUNTED, id);
        attempt("unmount the volumes of " + id, () -> mounts.remove(container.record()));
    }

    /** Has a container that was found running in the networks that its record names. */
    void mendNetworks(Container container, ProcessIdentity process) {
        ContainerRecord record = container.record();
        attempt(
                "mend the networks of " + record.id(),
                () -> {
                    if (networks.mend(record, process)) {
                        bundles.writeNames(record, networks.whereabouts(record.id()));
                    }
                });
    }

    private static void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (Failure e) {
            System.getLogger("dev.rung.engine")
                    .log(System.Logger.Level.WARNING, what + ": " + e.getMessage());
        }
    }

    /** Deletes the files of a container that has no record. */
    void unmake(ContainerId id) {
        ContainerFolders files = folders.of(id);
        attempt("unmount the root of " + id, () -> roots.unmount(id));
        attempt("remove the root of " + id, () -> roots.remove(id));
        steps.done(Step.ROOT_REMOVED, id);
        attempt(
                "remove the files of " + id,
                () -> {
                    mounts.removeAll(id);
                    removeFolder(files.running());
                });
        attempt("remove the files of " + id, () -> removeFolder(files.durable()));
    }

    private void watch(Container container, Monitor monitor) {
        Thread.ofVirtual().name("watch " + container.id()).start(() -> follow(container, monitor));
    }

    private void follow(Container container, Monitor monitor) {
        try (monitor) {
            while (true) {
                switch (monitor.next()) {
                    case MonitorEvent.Ended(ExitRecord exit) -> {
                        ended(container, exit.exit().code(), exit.oomKills() > 0, exit.ended());
                        return;
                    }
                    case MonitorEvent.Lost() -> {
                        recover(container);
                        return;
                    }
                    default -> {}
                }
            }
        }
    }

    /** Finds out what became of a container while nobody watched it. */
    void recover(Container container) {
        ContainerRecord record = container.record();
        switch (MonitorFinding.of(container.folders)) {
            case MonitorFinding.Watched(Monitor monitor) -> {
                container.begin(monitor.running());
                if (started(container, monitor.running())) {
                    LogForwarder.resume(container, logWatch);
                    attempt(
                            "look whether " + record.id() + " is paused",
                            () -> standing(container));
                    watch(container, monitor);
                    HealthWatch.begin(container, probe, events, clock);
                } else {
                    undo(container, monitor);
                }
            }
            case MonitorFinding.Ended(ExitRecord exit) -> {
                LogForwarder.resume(container, logWatch);
                boolean known = exit.running().created().isAfter(record.created());
                ended(container, exit.exit().code(), known && exit.oomKills() > 0, exit.ended());
            }
            case MonitorFinding.Unwatched(RunningRecord running) -> {
                container.begin(running);
                LogForwarder.resume(container, logWatch);
                Thread.ofPlatform()
                        .daemon()
                        .name("await " + container.id())
                        .start(() -> {
                            running.process().awaitEnd();
                            ended(container, UNKNOWN_CODE, false, clock.instant());
                        });
            }
            case MonitorFinding.Vanished _ -> {
                LogForwarder.resume(container, logWatch);
                ended(container, UNKNOWN_CODE, false, clock.instant());
            }
            case MonitorFinding.Nothing() -> {
                if (record.started() != null) {
                    LogForwarder.resume(container, logWatch);
                    ended(container, UNKNOWN_CODE, false, record.started());
                }
            }
        }
    }

    /** What the engine before had frozen stays so for a person, and goes on after a commit. */
    private void standing(Container container) {
        Pauses.Reason reason = Pauses.noted(container);
        if (reason == Pauses.Reason.NONE) {
            return;
        }
        ContainerRuntime runtime = runtime(container);
        boolean stands = runtime.status(container.id()).equals("paused");
        if (stands && reason == Pauses.Reason.PERSON) {
            container.phase(Phase.PAUSED);
            return;
        } else if (stands) {
            runtime.resume(container.id());
        }
        Pauses.forget(container);
    }

    /**
     * As Docker, when the engine starts: who is to run always does, even after a person ended it.
     */
    void startAlways(Container container) {
        ContainerRecord record = container.record();
        boolean ended = container.phase() == Phase.EXITED && record.stopped();
        if (ended && record.host().restart().when() == RestartPolicy.When.ALWAYS) {
            restartLater(container, clock.instant());
        }
    }

    /** Whether the container's process runs; the engine may have ended in the middle of a start. */
    private boolean started(Container container, RunningRecord running) {
        Instant known = container.record().started();
        if (known != null && known.isAfter(running.created())) {
            return true;
        }
        try {
            if (runtime(container).waits(container.id())) {
                return false;
            }
        } catch (Failure.Invalid e) {
            return true; // its runtime was taken out of the configuration
        }
        container.record(container.record().startedAt(running.created(), 0));
        // on a disk that is full the next engine finds out again
        attempt("record a start", () -> records.write(container.record(), false));
        return true;
    }

    /** Takes back a start that nobody was told of. */
    private void undo(Container container, Monitor monitor) {
        monitor.close();
        clear(container);
        ContainerRecord record = container.record();
        if (record.host().autoRemove()) {
            remove(container, true);
        } else if (record.started() == null) {
            container.phase(Phase.CREATED);
        } else {
            container.end(UNKNOWN_CODE, false, clock.instant());
            restartUnlessStopped(container, UNKNOWN_CODE, clock.instant());
        }
    }

    private void restartUnlessStopped(Container container, int code, Instant when) {
        ContainerRecord record = container.record();
        RestartPolicy policy = record.host().restart();
        if (!record.stopped() && policy.restarts(code, record.restarts())) {
            restartLater(container, when);
        }
    }

    /** After the end of a run: clears up, and removes or restarts where that was asked for. */
    private void ended(Container container, int code, boolean byOom, Instant when) {
        container.lock.lock();
        try {
            ContainerRecord record = container.record();
            if (container.phase() == Phase.REMOVING) {
                return;
            }
            container.end(code, byOom, when);
            tellEnd(record, code, byOom);
            steps.done(Step.END_SEEN, container.id());
            clear(container);
            if (record.host().autoRemove()) {
                remove(container, true);
            } else {
                restartUnlessStopped(container, code, when);
                container.tell();
            }
        } finally {
            container.lock.unlock();
        }
        endPod(container.record().host().pod());
    }

    /** A pod that ends with the last of its containers does so now, if none runs. */
    private void endPod(String id) {
        if (id.isEmpty()) {
            return;
        }
        attempt("end pod " + id, () -> pods.endIf(id, () -> !runs(id)));
    }

    private boolean runs(String pod) {
        for (Container container : registry.all()) {
            Phase phase = container.phase();
            if (container.record().host().pod().equals(pod)
                    && (phase.runs() || phase == Phase.RESTARTING)) {
                return true;
            }
        }
        return false;
    }

    private void tellEnd(ContainerRecord record, int code, boolean byOom) {
        if (byOom) {
            events.container(record, "oom");
        }
        events.container(record, "die", Map.of("exitCode", Integer.toString(code)));
    }

    private void restartLater(Container container, Instant ended) {
        ContainerRecord record = container.record();
        Instant started = record.started();
        boolean longRun =
                started != null && Duration.between(started, ended).compareTo(LONG_RUN) > 0;
        int restarts = longRun ? 1 : record.restarts() + 1;
        long wait = FIRST_DELAY.toMillis() << Math.min(restarts - 1, 16);
        container.phase(Phase.RESTARTING);
        Thread.ofVirtual()
                .name("restart " + container.id())
                .start(() -> {
                    pause(Math.min(wait, LONGEST_DELAY.toMillis()));
                    if (container.phase() == Phase.RESTARTING) {
                        restart(container, restarts);
                    }
                });
    }

    private void restart(Container container, int restarts) {
        try {
            start(container, restarts, _ -> {});
        } catch (Failure e) {
            // the record says why; as Docker, a start that fails is not tried again
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Removes a container that does not run; the lock is held. It is gone with its record. Its
     * files are deleted afterwards: what is not deleted then, is when the engine starts again.
     *
     * @param withVolumes whether its anonymous volumes go with it
     */
    void remove(Container container, boolean withVolumes) {
        Phase before = container.phase();
        container.phase(Phase.REMOVING);
        try {
            roots.unmount(container.id());
            records.forget(container.id());
        } catch (Failure e) {
            container.phase(before);
            throw e;
        }
        steps.done(Step.RECORD_FORGOTTEN, container.id());
        registry.remove(container);
        events.container(container.record(), "destroy");
        // of a start that an engine before us has begun
        attempt(
                "unmount the volumes of " + container.id(),
                () -> mounts.remove(container.record()));
        if (withVolumes) {
            attempt(
                    "remove the volumes of " + container.id(),
                    () -> volumes.removeAnonymous(container.record().mounts()));
        }
        container.tellRemoved();
        Thread.ofVirtual()
                .name("delete " + container.id())
                .start(() -> {
                    LogForwarder forwarder = container.forwarder();
                    if (forwarder != null) {
                        forwarder.finish(LONGEST_FORWARDING);
                    }
                    unmake(container.id());
                });
    }

    static void removeFolder(Path folder) {
        try {
            removeTree(folder);
        } catch (IOException e) {
            throw new Failure.HostRefused("remove \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    private static void removeTree(Path tree) throws IOException {
        try {
            if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
                try (DirectoryStream<Path> all = Files.newDirectoryStream(tree)) {
                    for (Path each : all) {
                        removeTree(each);
                    }
                }
            }
            Files.deleteIfExists(tree);
        } catch (NoSuchFileException _) {
            // gone already, by who cleared a part of it
        }
    }
}
