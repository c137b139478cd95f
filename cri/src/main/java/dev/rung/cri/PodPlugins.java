package dev.rung.cri;

import dev.rung.cri.v1.LinuxContainerResources;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.Events;
import dev.rung.engine.NewContainer;
import dev.rung.engine.PodView;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.PodRecord;
import dev.rung.nri.Change;
import dev.rung.nri.Creation;
import dev.rung.nri.NodeState;
import dev.rung.nri.PluginSettings;
import dev.rung.nri.Plugins;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.Event;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * What plug-ins of NRI have to do with pods and their containers. They hear of the end and the
 * removal of what they have heard of, once, whoever ended or removed it.
 */
final class PodPlugins implements NodeState {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.cri");
    private static final Duration PAUSE = Duration.ofHours(1);

    private final Engine engine;
    private final Containers containers;
    private final Plugins plugins;

    /** Pods that plug-ins know of. */
    private final Set<String> knownPods = ConcurrentHashMap.newKeySet();

    /** Containers that they know of: what is told of those that somebody else has removed. */
    private final Map<String, Container> knownContainers = new ConcurrentHashMap<>();

    /** Pods and containers of them that have not ended. */
    private final Set<String> alive = ConcurrentHashMap.newKeySet();

    /** Pods that are being made: nobody else sees them. */
    private final Set<String> hidden = ConcurrentHashMap.newKeySet();

    PodPlugins(Engine engine, PluginSettings settings, String version) {
        this.engine = engine;
        containers = engine.containers();
        this.plugins = new Plugins(settings, version, this);
        Thread.ofVirtual().name("nri events").start(this::listen);
    }

    Plugins plugins() {
        return plugins;
    }

    /** As Plugins has it. */
    Plugins.Changing changing() {
        return plugins.changing();
    }

    private void listen() {
        try (Events.Listening listening = engine.events().listen(new ArrayList<>())) {
            while (!Thread.currentThread().isInterrupted()) {
                var event = listening.next(PAUSE);
                if (event == null || !know(event.id())) {
                    continue;
                }
                try {
                    happened(event.type() + " " + event.action(), event.id());
                } catch (RuntimeException e) {
                    warn(event.type() + " " + event.action(), e);
                }
            }
        }
    }

    /** By whomever: what was asked for by CRI has been told before. */
    private void happened(String what, String id) {
        switch (what) {
            case "container die" -> ended(id);
            case "container destroy" -> {
                Container container = knownContainers.get(id);
                if (container != null) {
                    removed(container);
                }
            }
            case "pod stop" -> {
                if (alive.contains(id)) {
                    stopped(engine.pods().get(id));
                }
            }
            case "pod remove" -> gone(PodSandbox.newBuilder().setId(id).build());
            default -> {
                // of no interest to plug-ins
            }
        }
    }

    private static void warn(String what, RuntimeException e) {
        LOGGER.log(System.Logger.Level.WARNING, "NRI: " + what + ": " + e.getMessage());
    }

    @Override
    public List<PodSandbox> pods() {
        var all = new ArrayList<PodSandbox>();
        for (PodView pod : engine.pods().list()) {
            if (Notes.isPod(pod.record()) && !isHidden(pod.record())) {
                String id = pod.record().id().value();
                knownPods.add(id);
                if (pod.ready() && !pod.record().stopped()) {
                    alive.add(id);
                }
                all.add(PluginPods.told(pod));
            }
        }
        return all;
    }

    @Override
    public List<Container> containers() {
        var all = new ArrayList<Container>();
        for (ContainerView container : containers.list()) {
            if (!Notes.isContainer(container)) {
                continue;
            }
            switch (container.phase()) {
                case CREATED, RUNNING, PAUSED, RESTARTING -> {
                    remember(PluginContainers.brief(container.record()));
                    all.add(told(container));
                }
                case EXITED, REMOVING -> {
                    // plug-ins know only of those that have not ended
                }
            }
        }
        return all;
    }

    private void remember(Container container) {
        knownContainers.put(container.getId(), container);
        alive.add(container.getId());
    }

    /** One that cannot be made ready to be looked at is told of all the same. */
    private Container told(ContainerView container) {
        JsonFields config;
        try {
            config = containers.config(container.record().id().value());
        } catch (Failure e) {
            warn("look at container " + container.record().id(), e);
            config = JsonFields.of("config.json", JsonObject.empty());
        }
        return PluginContainers.told(container, config);
    }

    private PodSandbox podOf(ContainerView container) {
        String id = container.record().host().pod();
        try {
            return PluginPods.told(engine.pods().get(id));
        } catch (Failure.NotFound _) {
            return PodSandbox.newBuilder().setId(id).build();
        }
    }

    @Override
    public List<ContainerUpdate> update(List<ContainerUpdate> updates) {
        var failed = new ArrayList<ContainerUpdate>();
        for (ContainerUpdate update : updates) {
            try {
                ContainerView container = containers.get(update.getContainerId());
                boolean isThere =
                        Notes.isContainer(container)
                                && container.record().id().value().equals(update.getContainerId());
                if (isThere) {
                    containers.update(
                            update.getContainerId(),
                            host ->
                                    host.with(
                                            AdjustmentWords.limits(
                                                    host.limits(),
                                                    update.getLinux().getResources()),
                                            host.restart()));
                }
            } catch (Failure.NotFound _) {
                // it has gone meanwhile
            } catch (Failure e) {
                warn("update container " + update.getContainerId(), e);
                if (!update.getIgnoreFailure()) {
                    failed.add(update);
                }
            }
        }
        return failed;
    }

    @Override
    public void evict(List<ContainerEviction> evictions) {
        for (ContainerEviction eviction : evictions) {
            try {
                ContainerView container = containers.get(eviction.getContainerId());
                if (Notes.isContainer(container)) {
                    containers.stop(container.record().id().value(), Duration.ZERO);
                }
            } catch (Failure e) {
                warn("evict container " + eviction.getContainerId(), e);
            }
        }
    }

    /** Whether it is being made, so that nobody sees it. */
    boolean isHidden(PodRecord pod) {
        return hidden.contains(pod.id().value());
    }

    void hide(String pod) {
        if (!plugins.isEmpty()) {
            hidden.add(pod);
        }
    }

    /** It is there, or has gone. */
    void show(String pod) {
        hidden.remove(pod);
    }

    /** Lets plug-ins hear of a pod that can be seen from then on, unless one of them is against. */
    void ran(PodView pod) {
        try (var _ = plugins.changing()) {
            String id = pod.record().id().value();
            if (!plugins.isEmpty()) {
                knownPods.add(id);
                alive.add(id);
                plugins.podRuns(PluginPods.told(pod));
            }
            show(id);
        }
    }

    /** It is not to be, after plug-ins may have heard of it. */
    void undone(String id) {
        try {
            if (know(id)) {
                PodView pod = engine.pods().get(id);
                stopped(pod);
                gone(PluginPods.told(pod));
            }
        } catch (Failure.NotFound _) {
            // somebody has removed it already, and its removal is told of
        }
    }

    /** Whether plug-ins know of that pod or container. */
    boolean know(String id) {
        return knownPods.contains(id) || knownContainers.containsKey(id);
    }

    /** Its containers have ended, and what they shared is still there. */
    void stopped(PodView pod) {
        String id = pod.record().id().value();
        for (ContainerView container : pod.containers()) {
            ended(container.record().id().value());
        }
        try (var _ = plugins.changing()) {
            if (alive.remove(id)) {
                plugins.podStops(PluginPods.told(pod));
            }
        } catch (Failure e) {
            warn("stop pod " + id, e);
        }
    }

    /** It is about to be removed. */
    void gone(PodSandbox pod) {
        alive.remove(pod.getId());
        if (!knownPods.remove(pod.getId())) {
            return;
        }
        try {
            plugins.podGoes(pod);
        } catch (Failure e) {
            warn("remove pod " + pod.getId(), e);
        }
    }

    void updating(PodView pod, LinuxContainerResources overhead, LinuxContainerResources all) {
        plugins.podChanges(PluginPods.told(pod), PluginPods.told(overhead), PluginPods.told(all));
    }

    void updated(PodView pod) {
        try {
            plugins.podHasChanged(PluginPods.told(pod));
        } catch (Failure e) {
            warn("update pod " + pod.record().id(), e);
        }
    }

    /** Makes a container as plug-ins want it. Nobody sees it before they have said so. */
    ContainerView create(PodView pod, NewContainer words) {
        boolean asked = plugins.haveASay();
        if (!asked && plugins.isEmpty()) {
            return containers.create(words);
        }
        var told = new AtomicReference<Container>();
        PodSandbox toldPod = PluginPods.told(pod);
        try {
            ContainerView made =
                    asked
                            ? containers.create(
                                    words,
                                    (record, config) -> {
                                        told.set(PluginContainers.told(record, config));
                                        return amended(record, toldPod, told.get());
                                    })
                            : containers.create(words);
            remember(PluginContainers.brief(made.record()));
            created(toldPod, made);
            return made;
        } catch (RuntimeException e) {
            Container container = told.get();
            if (container != null) {
                remember(container); // for as long as this takes
                stop(toldPod, container);
                removed(container);
            }
            throw e;
        }
    }

    private ContainerRecord amended(ContainerRecord record, PodSandbox pod, Container container) {
        Creation creation = plugins.create(pod, container);
        evict(creation.evictions());
        List<ContainerUpdate> _ = update(creation.updates());
        return new AdjustmentWords(creation.adjustment()).over(record);
    }

    private void created(PodSandbox pod, ContainerView made) {
        if (!plugins.hear(Event.POST_CREATE_CONTAINER)) {
            return;
        }
        try {
            plugins.containerIsMade(pod, told(made));
        } catch (Failure e) {
            warn("create container " + made.record().id(), e);
        }
    }

    /** It is about to start, unless a plug-in is against. */
    void starting(ContainerView container) {
        if (!plugins.hear(Event.START_CONTAINER)) {
            return;
        }
        Container told = told(container);
        PodSandbox pod = podOf(container);
        plugins.containerStarts(pod, told);
    }

    void started(String id) {
        tell(Event.POST_START_CONTAINER, "start container", id, plugins::containerHasStarted);
    }

    /** Tells of what has come of a container, which nobody can be against any more. */
    private void tell(
            Event event, String done, String id, BiConsumer<PodSandbox, Container> teller) {
        if (!plugins.hear(event)) {
            return;
        }
        try {
            ContainerView container = containers.get(id);
            Container told = told(container);
            teller.accept(podOf(container), told);
        } catch (Failure e) {
            warn(done + " " + id, e);
        }
    }

    /** What it is to be limited to in the end. */
    LinuxContainerResources updating(ContainerView container, LinuxContainerResources asked) {
        if (!plugins.hear(Event.UPDATE_CONTAINER)) {
            return asked;
        }
        Change change = plugins.update(podOf(container), told(container), PluginPods.told(asked));
        evict(change.evictions());
        List<ContainerUpdate> _ = update(change.updates());
        return PluginPods.asked(change.resources(), asked);
    }

    void updated(String id) {
        tell(Event.POST_UPDATE_CONTAINER, "update container", id, plugins::containerHasChanged);
    }

    /** Tells of its end, once. */
    void ended(String id) {
        if (!alive.contains(id)) {
            return;
        }
        try (var _ = plugins.changing()) {
            ContainerView container = containers.get(id);
            if (!container.phase().runs()) {
                stop(podOf(container), told(container));
            }
        } catch (Failure.NotFound _) {
            alive.remove(id); // its removal is told of
        }
    }

    private void stop(PodSandbox pod, Container container) {
        if (!alive.remove(container.getId())) {
            return;
        }
        try {
            List<ContainerUpdate> _ = update(plugins.stop(pod, container));
        } catch (Failure e) {
            warn("stop container " + container.getId(), e);
        }
    }

    /** It has ended and is about to be removed. */
    void removing(ContainerView container) {
        if (know(container.record().id().value())) {
            ended(container.record().id().value());
            removed(told(container));
        }
    }

    private void removed(Container container) {
        alive.remove(container.getId());
        if (knownContainers.remove(container.getId()) == null) {
            return;
        }
        PodSandbox pod = PodSandbox.newBuilder().setId(container.getPodSandboxId()).build();
        try {
            pod = PluginPods.told(engine.pods().get(container.getPodSandboxId()));
        } catch (Failure _) {
            // it went before
        }
        try {
            plugins.containerGoes(pod, container);
        } catch (Failure e) {
            warn("remove container " + container.getId(), e);
        }
    }
}
