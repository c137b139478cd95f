package dev.rung.nri;

import com.google.protobuf.MessageLite;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.CreateContainerRequest;
import dev.rung.nri.v1alpha1.CreateContainerResponse;
import dev.rung.nri.v1alpha1.Event;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.PluginInstance;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.PostCreateContainerRequest;
import dev.rung.nri.v1alpha1.PostStartContainerRequest;
import dev.rung.nri.v1alpha1.PostUpdateContainerRequest;
import dev.rung.nri.v1alpha1.PostUpdatePodSandboxRequest;
import dev.rung.nri.v1alpha1.RemoveContainerRequest;
import dev.rung.nri.v1alpha1.RemovePodSandboxRequest;
import dev.rung.nri.v1alpha1.RunPodSandboxRequest;
import dev.rung.nri.v1alpha1.StartContainerRequest;
import dev.rung.nri.v1alpha1.StopContainerRequest;
import dev.rung.nri.v1alpha1.StopContainerResponse;
import dev.rung.nri.v1alpha1.StopPodSandboxRequest;
import dev.rung.nri.v1alpha1.UpdateContainerRequest;
import dev.rung.nri.v1alpha1.UpdateContainerResponse;
import dev.rung.nri.v1alpha1.UpdatePodSandboxRequest;
import dev.rung.nri.v1alpha1.ValidateContainerAdjustmentRequest;
import dev.rung.nri.v1alpha1.ValidateContainerAdjustmentResponse;
import dev.rung.nri.wire.CallFailure;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * All plug-ins, in their order. What happens is told to them one after another, one thing at a
 * time; so each sees what those before it have wanted, and none sees two things in different
 * orders. Without plug-ins nothing of it costs anything.
 */
public final class Plugins implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("dev.rung.nri");

    /** How many there may be at once. */
    private static final int MOST = 128;

    private final PluginSettings settings;
    private final String version;
    private final NodeState node;
    private final DefaultValidator validator;
    private final List<Plugin> plugins = new CopyOnWriteArrayList<>();
    private final ReentrantLock oneAtATime = new ReentrantLock(true);

    /** Read: something of a pod or container changes; write: a newcomer hears of all there is. */
    private final ReentrantReadWriteLock changes = new ReentrantReadWriteLock(true);

    /**
     * Nobody yet.
     *
     * @param version of the engine
     */
    public Plugins(PluginSettings settings, String version, NodeState node) {
        this.settings = settings;
        this.version = version;
        this.node = node;
        this.validator = new DefaultValidator(settings.validator());
    }

    /** Something may change until it is closed, by the thread that asked for it. */
    public interface Changing extends AutoCloseable {
        @Override
        void close();
    }

    /** Newcomers wait until it is closed: they miss nothing, and hear of nothing twice. */
    public Changing changing() {
        changes.readLock().lock();
        return changes.readLock()::unlock;
    }

    /** Whether what is to become of a container that is made is asked of anybody. */
    public boolean haveASay() {
        return validator.isEnabled()
                || hear(Event.CREATE_CONTAINER, Event.VALIDATE_CONTAINER_ADJUSTMENT);
    }

    /** Whether any wants to hear of one of that. */
    public boolean hear(Event... events) {
        for (Plugin plugin : plugins) {
            for (Event event : events) {
                if (plugin.hears(event)) {
                    return true;
                }
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return plugins.isEmpty();
    }

    /**
     * Takes in who is at the other end, if that is a plug-in.
     *
     * @param given what it is called; null: as it says itself
     * @return whether it is one
     */
    boolean join(
            SocketChannel channel,
            @Nullable PluginName given,
            String configuration,
            Runnable ended) {
        var newcomer =
                new Newcomer(
                        channel,
                        given,
                        node,
                        () -> {
                            plugins.removeIf(Plugin::isGone);
                            ended.run();
                        });
        try {
            Plugin plugin = newcomer.register(settings, "rung", version, configuration);
            rest();
            try {
                synchronize(plugin);
            } finally {
                changes.writeLock().unlock();
            }
            LOGGER.log(System.Logger.Level.INFO, "NRI plug-in " + plugin.name() + " has joined");
            return true;
        } catch (CallFailure | Failure e) {
            newcomer.refuse();
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "NRI plug-in "
                            + (given == null ? "" : given + " ")
                            + "has not joined: "
                            + Printable.of(String.valueOf(e.getMessage())));
            return false;
        }
    }

    /** A start that hangs must not keep all others waiting behind a newcomer. */
    private void rest() throws CallFailure {
        try {
            long time = settings.registration().toMillis();
            if (!changes.writeLock().tryLock(time, TimeUnit.MILLISECONDS)) {
                throw CallFailure.answered(
                        CallFailure.UNKNOWN,
                        "pods and containers have not come to rest in " + time + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailure.answered(CallFailure.UNKNOWN, "interrupted");
        }
    }

    private void synchronize(Plugin plugin) throws CallFailure {
        List<ContainerUpdate> updates =
                new Synchronization(node.pods(), node.containers()).with(plugin);
        if (plugins.size() >= MOST) {
            throw CallFailure.answered(
                    CallFailure.RESOURCE_EXHAUSTED, "there are " + MOST + " plug-ins already");
        }
        plugins.add(plugin);
        plugins.sort(Comparator.comparing(Plugin::name));
        if (plugin.isGone()) {
            plugins.remove(plugin);
        }
        node.update(updates);
    }

    /**
     * A pod is there, before anybody sees it.
     *
     * @throws Failure.Denied as one of them says; those behind it do not hear of it
     */
    public void podRuns(PodSandbox pod) {
        var request = RunPodSandboxRequest.newBuilder().setPod(pod);
        tell(Event.RUN_POD_SANDBOX, "RunPodSandbox", request, pod, null);
    }

    /**
     * What a pod may use is about to be changed.
     *
     * @throws Failure.Denied as one of them says
     */
    public void podChanges(PodSandbox pod, LinuxResources overhead, LinuxResources resources) {
        var request =
                UpdatePodSandboxRequest.newBuilder()
                        .setPod(pod)
                        .setOverheadLinuxResources(overhead)
                        .setLinuxResources(resources);
        tell(Event.UPDATE_POD_SANDBOX, "UpdatePodSandbox", request, pod, null);
    }

    public void podHasChanged(PodSandbox pod) {
        var request = PostUpdatePodSandboxRequest.newBuilder().setPod(pod);
        tell(Event.POST_UPDATE_POD_SANDBOX, "PostUpdatePodSandbox", request, pod, null);
    }

    /** Its containers have ended. */
    public void podStops(PodSandbox pod) {
        var request = StopPodSandboxRequest.newBuilder().setPod(pod);
        tell(Event.STOP_POD_SANDBOX, "StopPodSandbox", request, pod, null);
    }

    public void podGoes(PodSandbox pod) {
        var request = RemovePodSandboxRequest.newBuilder().setPod(pod);
        tell(Event.REMOVE_POD_SANDBOX, "RemovePodSandbox", request, pod, null);
    }

    public void containerIsMade(PodSandbox pod, Container container) {
        var request = PostCreateContainerRequest.newBuilder().setPod(pod).setContainer(container);
        tell(Event.POST_CREATE_CONTAINER, "PostCreateContainer", request, pod, container);
    }

    /**
     * It is about to start.
     *
     * @throws Failure.Denied as one of them says
     */
    public void containerStarts(PodSandbox pod, Container container) {
        var request = StartContainerRequest.newBuilder().setPod(pod).setContainer(container);
        tell(Event.START_CONTAINER, "StartContainer", request, pod, container);
    }

    public void containerHasStarted(PodSandbox pod, Container container) {
        var request = PostStartContainerRequest.newBuilder().setPod(pod).setContainer(container);
        tell(Event.POST_START_CONTAINER, "PostStartContainer", request, pod, container);
    }

    public void containerHasChanged(PodSandbox pod, Container container) {
        var request = PostUpdateContainerRequest.newBuilder().setPod(pod).setContainer(container);
        tell(Event.POST_UPDATE_CONTAINER, "PostUpdateContainer", request, pod, container);
    }

    /** It has ended. */
    public void containerGoes(PodSandbox pod, Container container) {
        var request = RemoveContainerRequest.newBuilder().setPod(pod).setContainer(container);
        tell(Event.REMOVE_CONTAINER, "RemoveContainer", request, pod, container);
    }

    /** Tells those who want to hear of it. */
    private void tell(
            Event event,
            String method,
            MessageLite.Builder request,
            PodSandbox pod,
            @Nullable Container container) {
        if (!hear(event)) {
            return;
        }
        oneAtATime.lock();
        try {
            MessageLite message = request.build();
            for (Plugin plugin : plugins) {
                plugin.tell(event, method, message, pod, container);
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    /**
     * Asks what a container that is about to be made is to be like.
     *
     * @throws Failure.Denied as one of them says
     * @throws Failure.WrongState when two of them want different things
     */
    public Creation create(PodSandbox pod, Container container) {
        oneAtATime.lock();
        try {
            var owners = new Ownership();
            var adjustment = new CollectedAdjustment(owners, container);
            var updates = new CollectedUpdates(owners);
            var asked = ValidateContainerAdjustmentRequest.newBuilder();
            for (Plugin plugin : plugins) {
                CreateContainerResponse answer =
                        plugin.ask(
                                Event.CREATE_CONTAINER,
                                "CreateContainer",
                                CreateContainerRequest.newBuilder()
                                        .setPod(pod)
                                        .setContainer(adjustment.container())
                                        .build(),
                                CreateContainerResponse.getDefaultInstance());
                asked.addPlugins(
                        PluginInstance.newBuilder()
                                .setName(plugin.name().name())
                                .setIndex(plugin.name().index()));
                if (answer == null) {
                    continue;
                }
                String name = plugin.name().toString();
                adjustment.add(answer.getAdjust(), name);
                for (ContainerUpdate update : answer.getUpdateList()) {
                    if (update.getContainerId().equals(container.getId())) {
                        throw new Failure.Denied(
                                "NRI plug-in "
                                        + name
                                        + " asked for an update of "
                                        + container.getId()
                                        + " while that is made");
                    }
                }
                updates.add(answer.getUpdateList(), name);
                updates.evict(answer.getEvictList());
            }
            ContainerAdjustment all = adjustment.all();
            validate(
                    asked.setPod(pod)
                            .setContainer(container)
                            .setAdjust(all)
                            .addAllUpdate(updates.all())
                            .setOwners(owners.told())
                            .build());
            return new Creation(all, updates.all(), updates.evictions());
        } finally {
            oneAtATime.unlock();
        }
    }

    /** One that is asked whether it is right so, and is lost then, has not said that it is. */
    private void validate(ValidateContainerAdjustmentRequest request) {
        validator.check(request);
        for (Plugin plugin : plugins) {
            if (!plugin.hears(Event.VALIDATE_CONTAINER_ADJUSTMENT)) {
                continue;
            }
            ValidateContainerAdjustmentResponse answer =
                    plugin.ask(
                            Event.VALIDATE_CONTAINER_ADJUSTMENT,
                            "ValidateContainerAdjustment",
                            request,
                            ValidateContainerAdjustmentResponse.getDefaultInstance());
            if (answer == null) {
                throw new Failure.Denied(
                        "NRI validator plug-in " + plugin.name() + " does not answer");
            } else if (answer.getReject()) {
                throw new Failure.Denied(
                        "NRI validator plug-in "
                                + plugin.name()
                                + " rejects the adjustment: "
                                + Printable.of(answer.getReason()));
            }
        }
    }

    /** Asks what a container is to be limited to, which was asked for so. */
    public Change update(PodSandbox pod, Container container, LinuxResources resources) {
        oneAtATime.lock();
        try {
            var updates = new CollectedUpdates(new Ownership());
            updates.begin(container.getId(), resources);
            for (Plugin plugin : plugins) {
                UpdateContainerResponse answer =
                        plugin.ask(
                                Event.UPDATE_CONTAINER,
                                "UpdateContainer",
                                UpdateContainerRequest.newBuilder()
                                        .setPod(pod)
                                        .setContainer(container)
                                        .setLinuxResources(updates.of(container.getId()))
                                        .build(),
                                UpdateContainerResponse.getDefaultInstance());
                if (answer != null) {
                    updates.add(answer.getUpdateList(), plugin.name().toString());
                    updates.evict(answer.getEvictList());
                }
            }
            return new Change(
                    updates.of(container.getId()),
                    updates.others(container.getId()),
                    updates.evictions());
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Tells that a container has ended; what others are limited to from now on. */
    public List<ContainerUpdate> stop(PodSandbox pod, Container container) {
        oneAtATime.lock();
        try {
            var updates = new CollectedUpdates(new Ownership());
            for (Plugin plugin : plugins) {
                StopContainerResponse answer =
                        plugin.ask(
                                Event.STOP_CONTAINER,
                                "StopContainer",
                                StopContainerRequest.newBuilder()
                                        .setPod(pod)
                                        .setContainer(container)
                                        .build(),
                                StopContainerResponse.getDefaultInstance());
                if (answer != null) {
                    updates.add(answer.getUpdateList(), plugin.name().toString());
                }
            }
            return updates.all();
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Lets go of all. */
    @Override
    public void close() {
        var leaving = new ArrayList<Thread>();
        for (Plugin plugin : plugins) {
            leaving.add(Thread.ofVirtual().start(plugin::close));
        }
        plugins.clear();
        try {
            for (Thread thread : leaving) {
                thread.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
