package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.config.ProcessUser;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.image.Image;
import dev.rung.network.Endpoint;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All containers, and what can be done to them; each is called by its name or its id. */
public final class Containers {
    /** The annotation of containers that are of no use to the next engine. */
    public static final String BUILD_MARK = "dev.rung.build";

    private final EngineFolders folders;
    private final ContainerRoots roots;
    private final Registry registry;
    private final Events events;
    private final RecordFolder records;
    private final RunMounts runMounts;
    private final UserNamespaces userNamespaces;
    private final Bundles bundles;
    private final ContainerNetworks networks;
    private final RunPreparation preparation;
    private final Lifecycle lifecycle;
    private final ContainerCreation creation;
    private final Freezer freezer;
    private final Endings endings;
    private final LimitChanges limitChanges;

    Containers(
            EngineFolders folders,
            ContainerRoots roots,
            Registry registry,
            Events events,
            RecordFolder records,
            RunMounts runMounts,
            UserNamespaces userNamespaces,
            Bundles bundles,
            ContainerNetworks networks,
            RunPreparation preparation,
            Lifecycle lifecycle,
            ContainerCreation creation,
            Freezer freezer,
            Endings endings,
            LimitChanges limitChanges) {
        this.folders = folders;
        this.roots = roots;
        this.registry = registry;
        this.events = events;
        this.records = records;
        this.runMounts = runMounts;
        this.userNamespaces = userNamespaces;
        this.bundles = bundles;
        this.networks = networks;
        this.preparation = preparation;
        this.lifecycle = lifecycle;
        this.creation = creation;
        this.freezer = freezer;
        this.endings = endings;
        this.limitChanges = limitChanges;
    }

    /** Why a container has no user namespace, or will have none; empty when it has one. */
    public String noUserNamespace(String name) {
        Container container = registry.find(name);
        String known = container.noUserNamespace();
        if (known != null) {
            return known;
        } else if (container.rootOutside() != 0) {
            return "";
        }
        return userNamespaces.reason(container.record());
    }

    /** Has it told that somebody joined a container's streams, or left them by its keys. */
    public void tellAttached(String name, boolean attached) {
        events.container(registry.find(name).record(), attached ? "attach" : "detach");
    }

    /** Where the root file system of a container is mounted as long as it runs. */
    public Path root(ContainerId id) {
        return roots.place(id);
    }

    /** The log driver of containers that ask for none. */
    public String defaultLogDriver() {
        return creation.defaultLogDriver();
    }

    /** How many starts there were since the engine began. */
    public long starts() {
        return lifecycle.starts();
    }

    /** Makes a container of an image that is there; synced when this returns. */
    public ContainerView create(NewContainer request) {
        return creation.create(request);
    }

    /** The same, when somebody has a say in what it becomes. */
    public ContainerView create(NewContainer request, Amendment amendment) {
        return creation.create(request, amendment);
    }

    /** Whether the image that a container is to be made of is here, for its platform. */
    public boolean hasImage(NewContainer request) {
        return creation.hasImage(request);
    }

    /**
     * Makes a container for a step of a build, of an image that need not be kept yet. It is of use
     * only to this engine: the next one removes it.
     */
    public ContainerView createForBuild(NewContainer request, Image image) {
        return creation.createForBuild(request, image);
    }

    /** Lets a build's container stay, as any other that has ended. */
    public void keepAfterBuild(String name) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            ContainerRecord record = container.record();
            var annotations = new HashMap<>(record.host().annotations());
            annotations.remove(BUILD_MARK);
            container.record(record.with(record.host().annotated(annotations)));
            records.write(container.record(), true);
        } finally {
            container.lock.unlock();
        }
    }

    /** Removes what builds have left whose engine ended. */
    public void removeLeftByBuilds() {
        for (Container container : registry.all()) {
            if (container.record().host().annotations().containsKey(BUILD_MARK)) {
                try {
                    remove(container.id().value(), true, true);
                } catch (Failure e) {
                    System.getLogger("dev.rung.engine")
                            .log(
                                    System.Logger.Level.WARNING,
                                    "remove a build's container: " + e.getMessage());
                }
            }
        }
    }

    /**
     * The config.json that a container was started with last, or would be; without fields when
     * nobody knows any more.
     */
    public JsonFields config(String name) {
        Container container = registry.find(name);
        Path file = folders.bundle(container.id()).resolve("config.json");
        try {
            return JsonFields.read(file.toString(), Files.readAllBytes(file));
        } catch (IOException _) {
            return container.phase() == Phase.CREATED
                    ? preparation.preview(container)
                    : JsonFields.of(file.toString(), JsonObject.empty());
        }
    }

    /** All of them, the latest first. */
    public List<ContainerView> list() {
        var views = new ArrayList<ContainerView>();
        for (Container container : registry.all()) {
            views.add(container.view());
        }
        return views;
    }

    /** The container of that name or id, or whose id alone begins so. */
    public ContainerView get(String name) {
        return registry.find(name).view();
    }

    /** Whether there is one of that name or id, or whose id alone begins so. */
    public boolean isThere(String name) {
        try {
            registry.find(name);
            return true;
        } catch (Failure.NotFound | Failure.Invalid _) {
            return false;
        }
    }

    /** The same, to work on it. */
    Container find(String name) {
        return registry.find(name);
    }

    /** How its last start went. WrongState when there was none, NotFound when it is not known. */
    public StartTrace trace(String name) {
        return Traces.of(registry.find(name));
    }

    /**
     * What creating it does, step by step, or would do where it does not run; nothing is done then
     * that lasts. WrongState when what it would join is not there.
     *
     * @param options {@code --json}, {@code --secrets}
     */
    public String explain(String name, List<String> options) {
        return preparation.explain(registry.find(name), options);
    }

    /** Its places in networks. */
    public List<Endpoint> endpoints(ContainerId id) {
        return networks.of(id);
    }

    /** Where the monitor of a container listens. */
    public ContainerFolders folders(String name) {
        return registry.find(name).folders;
    }

    /**
     * Starts a container.
     *
     * @param created called before the container's process runs
     * @return false when it ran already
     */
    public boolean start(String name, Consumer<ContainerFolders> created) {
        Container container = registry.find(name);
        Path images = Checkpoints.adopted(container);
        boolean started = lifecycle.start(container, 0, images, created);
        if (started && images != null) {
            Checkpoints.forgetAdopted(container);
        }
        return started;
    }

    /** Completes with the exit code when a run ends, at once when it does not run. */
    public CompletableFuture<Integer> ended(String name) {
        Container container = registry.find(name);
        return container.phase().runs() || container.phase() == Phase.RESTARTING
                ? container.ended()
                : CompletableFuture.completedFuture(container.view().exitCode());
    }

    /** Completes with the exit code of the next run that ends, also of one still to begin. */
    public CompletableFuture<Integer> nextEnd(String name) {
        return registry.find(name).nextEnd();
    }

    /** Waits for the next run. False, and nobody waits, when it runs already. */
    public boolean attend(String name, Attendant attendant) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            if (container.phase().runs()) {
                return false;
            }
            container.attend(attendant);
            return true;
        } finally {
            container.lock.unlock();
        }
    }

    /** Gives its terminal another size. WrongState when the container does not run. */
    public void resize(String name, int rows, int columns) {
        Container container = registry.find(name);
        if (!container.phase().runs()) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        try (Monitor monitor = Monitor.connect(container.folders)) {
            monitor.window(rows, columns);
        }
        events.container(
                container.record(),
                "resize",
                Map.of("height", Integer.toString(rows), "width", Integer.toString(columns)));
    }

    /** Completes with the last exit code when the container is gone. */
    public CompletableFuture<Integer> removed(String name) {
        return registry.find(name).removed();
    }

    /** Sends a signal. WrongState when the container does not run. */
    public void kill(String name, int signal) {
        endings.kill(name, signal);
    }

    /**
     * Ends a container: its stop signal, and SIGKILL when it still runs after a time.
     *
     * @param patience null: the container's own
     */
    public void stop(String name, @Nullable Duration patience) {
        endings.stop(name, patience);
    }

    /** Freezes all of its processes. */
    public void pause(String name) {
        freezer.pause(name);
    }

    /** The same; an engine that takes over lets it go on. */
    void pauseForCommit(String name) {
        freezer.pauseForCommit(name);
    }

    public void unpause(String name) {
        freezer.unpause(name);
    }

    /** Ends it, if it runs, and starts it again. */
    public void restart(String name, @Nullable Duration patience) {
        stop(name, patience);
        start(name, _ -> {});
        events.container(registry.find(name).record(), "restart");
    }

    /**
     * Changes what a container may use and when it is started again, at once where it runs.
     *
     * @param change makes the new options of the present ones
     */
    public void update(String name, UnaryOperator<HostOptions> change) {
        limitChanges.update(name, change);
    }

    /** Whether containers can be limited, paused and measured. */
    public boolean hasCgroups() {
        return bundles.hasCgroups();
    }

    /** Takes a link away by its alias; what runs knows the other until its next start. */
    public void unlink(String name, String alias) {
        update(name, host -> ContainerLinks.without(host, alias));
    }

    public void rename(String name, ContainerName to) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            ContainerName from = container.record().name();
            registry.rename(container, from, to);
            container.record(container.record().named(to));
            records.write(container.record(), true);
            networks.rename(container.id(), from, to);
            events.container(container.record(), "rename", Map.of("oldName", "/" + from.value()));
        } finally {
            container.lock.unlock();
        }
    }

    /**
     * Removes a container.
     *
     * @param force ends it first where it runs
     * @param withVolumes whether its anonymous volumes go with it
     */
    public void remove(String name, boolean force, boolean withVolumes) {
        endings.remove(name, force, withVolumes);
    }

    /** Whom its first process was started as; null before the first start. */
    public @Nullable ProcessUser user(ContainerId id) {
        Path config = folders.bundle(id).resolve("config.json");
        try {
            return ProcessUser.read(
                    JsonFields.read(config.toString(), Files.readAllBytes(config))
                            .object("process")
                            .object("user"));
        } catch (IOException | Failure.Invalid _) {
            return null;
        }
    }

    /** Has the log of a container that runs opened anew, after somebody renamed the file. */
    public void reopenLog(String name) {
        Container container = registry.find(name);
        if (!container.phase().runs()) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        try (Monitor monitor = Monitor.connect(container.folders)) {
            monitor.reopenLog();
        }
    }

    /** Mounts what is to be mounted in it, and takes that away again; fails as its start would. */
    public void tryMounts(String name) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            runMounts.make(container.record());
        } finally {
            if (!container.phase().runs()) {
                runMounts.remove(container.record());
            }
            container.lock.unlock();
        }
    }

    /** What runs a process in a container. WrongState when the container does not run. */
    public ExecWords exec(String name, ExecOrder order) {
        Container container = registry.find(name);
        Path root = Execs.root(container);
        String command = String.join(" ", order.command());
        events.container(container.record(), "exec_create: " + command);
        events.container(container.record(), "exec_start: " + command);
        ContainerRuntime runtime = lifecycle.runtime(container);
        if (runtime.creator() instanceof MonitorRuntime.External other) {
            Path process = bundles.writeProcess(container.record(), order, root);
            return ExecWords.binary(runtime, other, container.id(), order, process);
        }
        byte[] process = bundles.process(container.record(), order, root);
        return ExecWords.own(runtime, container.id(), order, process);
    }
}
