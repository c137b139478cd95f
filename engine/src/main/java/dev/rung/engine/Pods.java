package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.PodRegistry.Pod;
import dev.rung.engine.record.PodRecord;
import dev.rung.engine.record.RandomNames;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Paths;
import dev.rung.network.Endpoint;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Pods: containers that share namespaces, networks, a host name and limits. Each is called by its
 * name or its id. What they share is there from the first start on until the pod is stopped.
 */
public final class Pods {
    private static final Set<String> KINDS = Set.of("net", "ipc", "uts", "pid");
    private static final long BETWEEN_TRIES_MS = 200;
    private static final ContainerConfig EMPTY =
            ContainerConfig.read(JsonFields.read("pod", "{}".getBytes(StandardCharsets.US_ASCII)));

    private final Containers containers;
    private final Registry members;
    private final PodRegistry registry;
    private final ContainerNetworks networks;
    private final CniPods cni;
    private final RandomNames names;
    private final Events events;
    private final Clock clock;

    Pods(
            Containers containers,
            Registry members,
            PodRegistry registry,
            ContainerNetworks networks,
            CniPods cni,
            RandomNames names,
            Events events,
            Clock clock) {
        this.containers = containers;
        this.members = members;
        this.registry = registry;
        this.networks = networks;
        this.cni = cni;
        this.names = names;
        this.events = events;
        this.clock = clock;
    }

    /** The CNI networks that pods may join. */
    public CniPods cni() {
        return cni;
    }

    /** Makes a pod without containers; synced when this returns. */
    public PodView create(NewPod request) {
        for (String kind : request.shares()) {
            if (!KINDS.contains(kind)) {
                throw new Failure.Invalid("unknown namespace to share: " + kind);
            }
        }
        HostOptions host = request.host();
        List<NetworkWish> wishes = List.of();
        if (request.shares().contains("net")) {
            if (host.network().kind() == NamespaceMode.Kind.CONTAINER
                    || host.network().kind() == NamespaceMode.Kind.HOST) {
                throw new Failure.Unsupported(
                        "a pod has a network of its own: --network takes networks by name, or"
                                + " none");
            }
            wishes = request.cni() == null ? networks.resolve(request.networks(), host) : wishes;
        } else if (!host.ports().isEmpty() || !request.networks().isEmpty()) {
            throw new Failure.Invalid("a pod without a network has no ports: add net to --share");
        }
        ContainerName name = request.name() == null ? madeUp() : request.name();
        String hostname = request.hostname().isEmpty() ? name.value() : request.hostname();
        var record =
                new PodRecord(
                        names.id(),
                        name,
                        clock.instant(),
                        EMPTY.labelled(hostname, request.labels()),
                        host,
                        wishes,
                        request.cni(),
                        Set.copyOf(request.shares()),
                        request.exitStops(),
                        false);
        Pod pod = registry.add(record);
        tell(record, "create");
        return view(pod);
    }

    private ContainerName madeUp() {
        while (true) {
            ContainerName name = names.name(false);
            if (!registry.isTaken(name.value())) {
                return name;
            }
        }
    }

    private void tell(PodRecord pod, String action) {
        events.tell("pod", action, pod.id().value(), Map.of("name", pod.name().value()));
    }

    /** All of them, the latest first. */
    public List<PodView> list() {
        var inside = new HashMap<String, List<ContainerView>>();
        for (Container container : members.all().reversed()) {
            inside.computeIfAbsent(container.record().host().pod(), _ -> new ArrayList<>())
                    .add(container.view());
        }
        var views = new ArrayList<PodView>();
        for (Pod pod : registry.all().reversed()) {
            PodRecord record = pod.record();
            views.add(view(record, inside.getOrDefault(record.id().value(), List.of())));
        }
        return views;
    }

    /** The same in short. */
    public List<PodOutline> outlines() {
        var outlines = new ArrayList<PodOutline>();
        for (Pod pod : registry.all().reversed()) {
            PodRecord record = pod.record();
            outlines.add(new PodOutline(record, registry.sandboxes().isReady(record)));
        }
        return outlines;
    }

    public PodView get(String name) {
        return view(registry.find(name));
    }

    private PodView view(Pod pod) {
        PodRecord record = pod.record();
        var own = new ArrayList<ContainerView>();
        for (Container container : members.all().reversed()) {
            if (container.record().host().pod().equals(record.id().value())) {
                own.add(container.view());
            }
        }
        return view(record, own);
    }

    private PodView view(PodRecord record, List<ContainerView> own) {
        boolean ready = registry.sandboxes().isReady(record);
        return new PodView(
                record,
                PodView.status(record, ready, own),
                ready,
                List.copyOf(own),
                networks.of(record.id()),
                addresses(record));
    }

    private List<String> addresses(PodRecord pod) {
        if (pod.cni() != null) {
            return registry.sandboxes().addresses(pod.id());
        }
        var addresses = new ArrayList<String>();
        for (Endpoint endpoint : networks.of(pod.id())) {
            for (Endpoint.Address address : endpoint.addresses()) {
                addresses.add(address.address().getHostAddress());
            }
        }
        return addresses;
    }

    /** What is done to each container of a pod. */
    private interface Act {
        void on(String container);
    }

    /** Does it to all; when some fail, the first failure is thrown after the others were tried. */
    private static void each(List<ContainerView> containers, Act act) {
        Failure first = null;
        for (ContainerView container : containers) {
            try {
                act.on(container.record().id().value());
            } catch (Failure.NotFound _) {
                // removed meanwhile
            } catch (Failure e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Connects to a port that something in the pod listens at, on its loopback addresses.
     *
     * @throws IOException in the kernel's words
     */
    public SocketChannel connect(String name, int port) throws IOException {
        PodRecord pod = registry.find(name).record();
        IOException refused = new IOException("the pod does not run");
        for (StandardProtocolFamily family :
                List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
            boolean v4 = family == StandardProtocolFamily.INET;
            SocketChannel channel = socket(pod, family);
            try {
                channel.connect(new InetSocketAddress(v4 ? "127.0.0.1" : "::1", port));
                return channel;
            } catch (IOException e) {
                channel.close();
                if (v4) {
                    refused = e;
                }
            }
        }
        throw refused;
    }

    /** What went over its links; none where it has the host's network, or does not run. */
    public List<InterfaceUse> interfaces(String name) {
        PodRecord pod = registry.find(name).record();
        String path = registry.sandboxes().namespaces(pod).get(NamespaceType.NETWORK);
        if (path == null) {
            return List.of();
        }
        try (Fd namespace = Paths.open(null, KernelPath.of(path), Paths.O_RDONLY, 0, 0)) {
            List<String> lines =
                    NetworkNamespaces.<List<String>, RuntimeException>in(
                            namespace,
                            () -> CgroupFiles.lines(Path.of("/proc/thread-self/net/dev")));
            var all = new ArrayList<InterfaceUse>();
            for (String line : lines) {
                InterfaceUse use = InterfaceUse.of(line);
                if (use != null) {
                    all.add(use);
                }
            }
            return all;
        } catch (ErrnoException _) {
            return List.of();
        }
    }

    /** Where it is made decides which network it is in. */
    private SocketChannel socket(PodRecord pod, StandardProtocolFamily family) throws IOException {
        String path = registry.sandboxes().namespaces(pod).get(NamespaceType.NETWORK);
        if (path == null) {
            return SocketChannel.open(family);
        }
        try (Fd namespace = Paths.open(null, KernelPath.of(path), Paths.O_RDONLY, 0, 0)) {
            return NetworkNamespaces.<SocketChannel, IOException>in(
                    namespace, () -> SocketChannel.open(family));
        } catch (ErrnoException e) {
            throw new IOException("the pod does not run", e);
        }
    }

    /** Limits all of it from now on, unless its cgroup is somebody else's. */
    public void update(String name, UnaryOperator<Limits> change) {
        Pod pod = registry.find(name);
        pod.lock.lock();
        try {
            registry.limit(pod, change.apply(pod.record().host().limits()));
        } finally {
            pod.lock.unlock();
        }
    }

    /** Makes what the pod's containers share. */
    public PodView ready(String name) {
        Pod pod = registry.find(name);
        registry.ready(pod.record().id().value());
        tell(pod.record(), "ready");
        return view(pod);
    }

    /** Makes what the pod's containers share, and starts those that do not run. */
    public void start(String name) {
        Pod pod = registry.find(name);
        registry.ready(pod.record().id().value());
        pod.lock.lock();
        try {
            registry.change(pod, pod.record().stopped(false));
        } finally {
            pod.lock.unlock();
        }
        each(view(pod).containers(), container -> containers.start(container, _ -> {}));
        tell(pod.record(), "start");
    }

    /**
     * Stops all of its containers, and takes away what they shared. Those that get no time to end
     * have no network either while they do.
     *
     * @param patience of each container, null: its own
     */
    public void stop(String name, @Nullable Duration patience) {
        Pod pod = registry.find(name);
        if (Duration.ZERO.equals(patience)) {
            Aside.run(
                    "leave " + pod.record().id(),
                    () -> registry.leaveNetworks(pod),
                    () -> stopContainers(name, patience));
        } else {
            stopContainers(name, patience);
        }
        if (!lockToEnd(pod)) {
            return;
        }
        try {
            registry.stop(pod);
        } finally {
            pod.lock.unlock();
        }
        tell(pod.record(), "stop");
    }

    /**
     * Stops all of its containers; what they shared stays.
     *
     * @param patience of each container, null: its own
     */
    public void stopContainers(String name, @Nullable Duration patience) {
        Pod pod = registry.find(name);
        var stopping = new ArrayList<Thread>();
        var failures = new ArrayList<Failure>();
        for (ContainerView container : view(pod).containers()) {
            stopping.add(
                    Thread.ofVirtual()
                            .start(() -> stopOne(container.record().id(), patience, failures)));
        }
        join(stopping);
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    /**
     * Who makes it ready meanwhile gives up, however long a plugin of its network would take, and
     * may remove it then: false when it is gone.
     */
    private boolean lockToEnd(Pod pod) {
        try {
            while (!pod.lock.tryLock(BETWEEN_TRIES_MS, TimeUnit.MILLISECONDS)) {
                cni.giveUp(pod.record().id());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
        try {
            registry.find(pod.record().id().value());
            return true;
        } catch (Failure.NotFound _) {
            pod.lock.unlock();
            return false;
        }
    }

    private void stopOne(ContainerId id, @Nullable Duration patience, List<Failure> failures) {
        try {
            containers.stop(id.value(), patience);
        } catch (Failure.NotFound _) {
            // it was removed with its end
        } catch (Failure e) {
            synchronized (failures) {
                failures.add(e);
            }
        }
    }

    private static void join(List<Thread> threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /** Stops what runs of it, and starts all of it again. */
    public void restart(String name) {
        stop(name, null);
        start(name);
    }

    /** Sends a signal to each of its containers that runs. */
    public void kill(String name, int signal) {
        each(running(name), container -> containers.kill(container, signal));
        tell(registry.find(name).record(), "kill");
    }

    public void pause(String name) {
        each(
                running(name).stream()
                        .filter(container -> container.phase() == Phase.RUNNING)
                        .toList(),
                containers::pause);
        tell(registry.find(name).record(), "pause");
    }

    public void unpause(String name) {
        each(
                running(name).stream()
                        .filter(container -> container.phase() == Phase.PAUSED)
                        .toList(),
                containers::unpause);
        tell(registry.find(name).record(), "unpause");
    }

    private List<ContainerView> running(String name) {
        return get(name).containers().stream()
                .filter(container -> container.phase().runs())
                .toList();
    }

    /**
     * Removes a pod with its containers.
     *
     * @param force ends those that run; else WrongState
     */
    public void remove(String name, boolean force) {
        Pod pod = registry.find(name);
        PodView view = view(pod);
        for (ContainerView container : view.containers()) {
            if (!force && container.phase().runs()) {
                throw new Failure.WrongState(
                        "not all containers could be removed from pod "
                                + view.record().id()
                                + ": cannot remove container "
                                + container.record().id()
                                + " as it is "
                                + container.phase()
                                + " - running or paused containers cannot be removed without"
                                + " force: container state improper");
            }
        }
        each(view.containers(), container -> containers.remove(container, true, true));
        if (!lockToEnd(pod)) {
            return; // who removed it has told of it
        }
        try {
            registry.sandboxes().end(pod.record());
            registry.remove(pod);
        } finally {
            pod.lock.unlock();
        }
        tell(view.record(), "remove");
    }
}
