package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.linux.Fd;
import dev.rung.network.StateFolder.Content;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The networks of one Rung: which there are, who is in them, and what the kernel has of both. All
 * of it acts on the network namespace of this process. Needs CAP_NET_ADMIN, and CAP_SYS_ADMIN to
 * enter the containers' namespaces. Safe for threads; one process at a time may use a folder.
 */
public final class Networks implements AutoCloseable {
    /** The network of containers for which none was named. */
    public static final String DEFAULT = "bridge";

    private static final String DEFAULT_LINK = "rung";
    private static final Set<String> RESERVED = Set.of(DEFAULT, "host", "none", "container");

    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private final StateFolder folder;
    private final NetworkTable table;
    private final EndpointLog log;
    private final Bridges bridges;
    private final Firewall firewall;
    private final Map<Endpoint, List<PortForwarder>> forwarders = new HashMap<>();
    private final Map<InetAddress, String> leaving = new HashMap<>(); // to the link not yet gone
    private final FirewallWatch watch;

    private Networks(StateFolder folder, NetworkTable table, EndpointLog log, SecureRandom random) {
        this.folder = folder;
        this.firewall = new Firewall(folder.ruleTable());
        this.table = table;
        this.log = log;
        this.bridges = new Bridges(random);
        this.watch = new FirewallWatch(this::mendRules);
    }

    /**
     * Opens the folder of networks, making it if need be, and gives the kernel again whatever it
     * should have for them. Unavailable when another process has the folder.
     */
    public static Networks open(Path path) {
        StateFolder folder = StateFolder.open(path);
        try {
            var random = new SecureRandom();
            String boot = StateFolder.bootId();
            Content content = folder.read();
            boolean sameBoot = content != null && content.boot().equals(boot);
            EndpointLog log = folder.log(sameBoot);
            var table = new NetworkTable(folder, content, boot, random, Clock.systemUTC());
            var networks = new Networks(folder, table, log, random);
            networks.restore();
            return networks;
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
    }

    private void restore() {
        for (Network network : table.all()) {
            table.prepareHost(network);
            bridges.ensure(network);
        }
        if (!table.all().isEmpty()) {
            firewall.install(table.all(), table.guarded(), log.endpoints());
            watch.start();
        }
        for (Endpoint endpoint : log.endpoints()) {
            hold(endpoint);
        }
    }

    /** Takes an endpoint's ports again; one that somebody else took meanwhile is his, outside. */
    private void hold(Endpoint endpoint) {
        var held = new ArrayList<PortForwarder>();
        for (PortBinding port : endpoint.ports()) {
            try {
                held.add(PortForwarder.open(port));
                held.getLast().start(HostPorts.target(endpoint), port.containerPort());
            } catch (IOException e) {
                // the packet rules lead to the container all the same
            }
        }
        forwarders.put(endpoint, held);
    }

    /** The default network, made when it is first asked for. */
    public Network defaultNetwork() {
        lock.lock();
        try {
            Network network = table.named(DEFAULT);
            return network == null ? make(NetworkSpec.of(DEFAULT).withBridge(freeLink())) : network;
        } finally {
            lock.unlock();
        }
    }

    /** rung0, unless another Rung of this host has it. */
    private static String freeLink() {
        for (int i = 0; ; i++) {
            if (!Bridges.isThere(DEFAULT_LINK + i)) {
                return DEFAULT_LINK + i;
            }
        }
    }

    /** Makes a network; AlreadyExists when the name is taken. */
    public Network create(NetworkSpec spec) {
        lock.lock();
        try {
            if (RESERVED.contains(spec.name()) || table.named(spec.name()) != null) {
                throw new Failure.AlreadyExists(
                        "network with name %s already exists".formatted(spec.name()));
            }
            return make(spec);
        } finally {
            lock.unlock();
        }
    }

    private Network make(NetworkSpec spec) {
        Network network = table.choose(spec);
        table.add(network); // first of all: whatever is made from here on is known
        try {
            table.prepareHost(network);
            bridges.ensure(network);
            firewall.install(table.all(), table.guarded(), log.endpoints());
            watch.start();
            return network;
        } catch (RuntimeException e) {
            discard(network, e);
            throw e;
        }
    }

    private void discard(Network network, RuntimeException failure) {
        try {
            takeAway(network);
        } catch (Failure e) {
            failure.addSuppressed(e);
        }
    }

    private void takeAway(Network network) {
        bridges.remove(network);
        table.remove(network);
        if (table.all().isEmpty()) {
            firewall.remove();
        } else {
            firewall.install(table.all(), table.guarded(), log.endpoints());
        }
    }

    /** All networks, in the order in which they were made. */
    public List<Network> list() {
        lock.lock();
        try {
            return List.copyOf(table.all());
        } finally {
            lock.unlock();
        }
    }

    /** The network of that name, id, or beginning of an id that no other has; NotFound. */
    public Network get(String nameOrId) {
        lock.lock();
        try {
            return nameOrId.equals(DEFAULT) ? defaultNetwork() : table.find(nameOrId);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a network with its link and rules; WrongState while a container is in it. */
    public void remove(String nameOrId) {
        lock.lock();
        try {
            Network network = table.find(nameOrId);
            if (!log.in(network).isEmpty()) {
                throw new Failure.WrongState(
                        "error while removing network: network %s id %s has active endpoints"
                                .formatted(network.name(), network.id()));
            }
            takeAway(network);
        } finally {
            lock.unlock();
        }
    }

    /** Who is in a network, in the order in which they joined. */
    public List<Endpoint> endpoints(String nameOrId) {
        lock.lock();
        try {
            return log.in(table.find(nameOrId));
        } finally {
            lock.unlock();
        }
    }

    /** Where a container is. */
    public List<Endpoint> endpoints(ContainerId container) {
        lock.lock();
        try {
            return log.of(container);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets a container join a network: when this returns, the link in its namespace is up, has its
     * addresses and routes, and published ports lead to it. When it fails, nothing is left.
     *
     * @param namespace its network namespace, which is not kept
     */
    public Endpoint attach(Fd namespace, EndpointSpec spec) {
        var held = new ArrayList<PortForwarder>();
        Network network;
        Endpoint endpoint;
        CompletableFuture<Void> synced;
        lock.lock();
        try {
            network = get(spec.network());
            endpoint = choose(network, spec, held);
            log.joined(endpoint);
            forwarders.put(endpoint, held);
            synced = sync(log.channel()); // beside the kernel's work
        } catch (RuntimeException e) {
            held.forEach(PortForwarder::close);
            throw e;
        } finally {
            lock.unlock();
        }
        try {
            bridges.join(network, bridges.ready(network), endpoint, namespace);
            firewall.publish(endpoint);
            for (int i = 0; i < held.size(); i++) {
                int port = endpoint.ports().get(i).containerPort();
                held.get(i).start(HostPorts.target(endpoint), port);
            }
            synced.join();
            return endpoint;
        } catch (RuntimeException e) {
            try {
                detach(endpoint, Teardown.NOW);
            } catch (Failure suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private Endpoint choose(Network network, EndpointSpec spec, List<PortForwarder> held) {
        List<Endpoint> others = log.of(spec.container());
        if (others.stream().anyMatch(other -> other.networkId().equals(network.id()))) {
            throw new Failure.AlreadyExists(
                    "container %s is in network %s already"
                            .formatted(spec.container(), network.name()));
        }
        List<Endpoint> neighbours = log.in(network);
        var choice = new EndpointChoice(network, spec);
        List<PublishedPort> wishes = network.internal() ? List.of() : spec.ports();
        var taken = new ArrayList<PortBinding>();
        if (!wishes.isEmpty()) {
            log.endpoints().forEach(other -> taken.addAll(other.ports()));
        }
        Endpoint endpoint = choice.among(others, neighbours, this::hasLeft);
        return choice.withPorts(endpoint, HostPorts.bind(wishes, taken, held));
    }

    /** Whether nobody answers any more for an address that its container gave up. */
    private boolean hasLeft(InetAddress address) {
        String link = leaving.get(address);
        if (link == null) {
            return true;
        } else if (Bridges.isThere(link)) {
            return false;
        }
        leaving.remove(address);
        return true;
    }

    private static CompletableFuture<Void> sync(FileChannel channel) {
        var done = new CompletableFuture<Void>();
        Thread.ofVirtual()
                .name("network-sync")
                .start(() -> {
                    try {
                        channel.force(false);
                        done.complete(null);
                    } catch (ClosedChannelException e) {
                        done.complete(null); // written anew meanwhile, and synced
                    } catch (IOException e) {
                        done.completeExceptionally(e);
                    }
                });
        return done;
    }

    /** Lets a container leave a network; nothing when it is not in it. */
    public void detach(ContainerId container, String nameOrId, Teardown how) {
        Endpoint endpoint = null;
        lock.lock();
        try {
            Network network = table.find(nameOrId);
            for (Endpoint candidate : log.of(container)) {
                if (candidate.networkId().equals(network.id())) {
                    endpoint = candidate;
                }
            }
        } finally {
            lock.unlock();
        }
        if (endpoint != null) {
            detach(endpoint, how);
        }
    }

    /** Lets a container leave all networks. */
    public void detach(ContainerId container, Teardown how) {
        for (Endpoint endpoint : endpoints(container)) {
            detach(endpoint, how);
        }
    }

    private void detach(Endpoint endpoint, Teardown how) {
        firewall.unpublish(endpoint);
        if (how == Teardown.NOW) {
            Bridges.removeLink(endpoint.hostLink());
        }
        lock.lock();
        try {
            List<PortForwarder> held = forwarders.remove(endpoint);
            if (held != null) {
                held.forEach(PortForwarder::close);
            }
            if (how == Teardown.WITH_NAMESPACE) {
                leaving.values().removeIf(link -> link.equals(endpoint.hostLink()));
                endpoint.addresses()
                        .forEach(address -> leaving.put(address.address(), endpoint.hostLink()));
            }
            log.left(endpoint);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets all leave but these: what a daemon that was killed calls when it knows again which
     * containers live.
     */
    public void retain(Set<ContainerId> living) {
        List<Endpoint> gone;
        lock.lock();
        try {
            gone =
                    log.endpoints().stream()
                            .filter(endpoint -> !living.contains(endpoint.container()))
                            .toList();
        } finally {
            lock.unlock();
        }
        gone.forEach(endpoint -> detach(endpoint, Teardown.NOW));
    }

    /** Somebody changed packet rules: puts back what is missing of ours. */
    private void mendRules() {
        lock.lock();
        try {
            if (closed || table.all().isEmpty()) {
                return; // the watch may have been on its way when all was closed
            } else if (firewall.isInstalled()) {
                firewall.adaptForeign(table.all());
            } else {
                firewall.install(table.all(), table.guarded(), log.endpoints());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops watching and forwarding; networks, endpoints and packet rules stay as they are. */
    @Override
    public void close() {
        watch.close();
        lock.lock();
        try {
            closed = true;
            forwarders.values().forEach(held -> held.forEach(PortForwarder::close));
            forwarders.clear();
            firewall.close();
            log.close();
            folder.close();
        } finally {
            lock.unlock();
        }
    }
}
