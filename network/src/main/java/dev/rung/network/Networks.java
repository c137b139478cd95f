package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.PacketRules;
import dev.rung.network.StateFolder.Content;
import dev.rung.network.machine.FirewallWatch;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The networks of one Rung: which there are, who is in them, and what the kernel has of both. All
 * of it acts on one network namespace, which is the machine's own but for users without root. Needs
 * CAP_NET_ADMIN there, and CAP_SYS_ADMIN to enter the containers' namespaces. Safe for threads; one
 * process at a time may use a folder.
 */
public final class Networks implements AutoCloseable {
    /** The network of containers for which none was named. */
    public static final String DEFAULT = "bridge";

    private static final String DEFAULT_LINK = "rung";
    private static final Set<String> RESERVED = Set.of(DEFAULT, "host", "none", "container");

    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private final StateFolder folder;
    private final NetworkDefaults defaults;
    private final NetworkTable table;
    private final EndpointLog log;
    private final Bridges bridges;
    private final Firewall firewall;
    private final Ground ground;
    private final HeldPorts held;
    private final Leaving leaving;
    private final NameServers nameServers;
    private final FirewallWatch watch;
    private final NetworkStep.Listener steps;

    private Networks(
            StateFolder folder,
            NetworkTable table,
            EndpointLog log,
            Bridges bridges,
            Ground ground,
            boolean rules,
            NetworkDefaults defaults,
            NetworkStep.Listener steps) {
        this.folder = folder;
        this.steps = steps;
        this.ground = ground;
        this.defaults = defaults;
        this.firewall = Firewall.open(folder.ruleTable(), rules, defaults.ipv6Rules(), ground);
        this.nameServers = new NameServers(firewall.isThere());
        this.table = table;
        this.log = log;
        this.bridges = bridges;
        // what is published is the machine's, so from a namespace of our own all must be forwarded
        this.held = new HeldPorts(ground, defaults.proxy() || !ground.isMachines());
        this.leaving = new Leaving(bridges);
        this.watch =
                new FirewallWatch(
                        () -> ground.<NetlinkSocket, ErrnoException>in(PacketRules::changes),
                        this::mendRules);
    }

    /**
     * Opens the folder of networks, making it if need be, and gives the kernel again whatever it
     * should have for them. Unavailable when another process has the folder.
     */
    public static Networks open(Path path) {
        return open(path, true, Ground.MACHINE, NetworkDefaults.USUAL, NetworkStep.Listener.NONE);
    }

    /** The same, with packet rules or without. */
    public static Networks open(Path path, boolean rules) {
        return open(path, rules, Ground.MACHINE, NetworkDefaults.USUAL, NetworkStep.Listener.NONE);
    }

    /**
     * The same.
     *
     * @param rules false: without packet rules, as where the kernel has no nf_tables: containers do
     *     not get out then, and all calls to published ports are forwarded by this process
     * @param ground the network namespace that all of it is in
     * @param defaults what is settled; a default network that is otherwise is made anew, unless
     *     somebody is in it
     * @param steps is told what was done
     */
    public static Networks open(
            Path path,
            boolean rules,
            Ground ground,
            NetworkDefaults defaults,
            NetworkStep.Listener steps) {
        StateFolder folder = StateFolder.open(path);
        try {
            var random = new SecureRandom();
            String boot = StateFolder.bootId();
            Content content = folder.read();
            boolean sameBoot = content != null && content.boot().equals(boot);
            EndpointLog log = folder.log(sameBoot);
            var bridges = new Bridges(random, ground);
            var table =
                    new NetworkTable(
                            folder, content, boot, random, Clock.systemUTC(), bridges, defaults);
            var networks =
                    new Networks(folder, table, log, bridges, ground, rules, defaults, steps);
            networks.restore();
            return networks;
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
    }

    private void restore() {
        for (Endpoint endpoint : log.unfinished()) {
            bridges.removeLink(endpoint.hostLink());
            log.left(endpoint);
        }
        Network usual = table.named(DEFAULT);
        if (usual != null && !defaults.isMet(usual) && log.in(usual).isEmpty()) {
            takeAway(usual);
        }
        for (Network network : table.all()) {
            try {
                ground.settle(() -> table.prepareHost(network));
                bridges.ensure(network);
            } catch (Failure e) {
                // such as a link of another kind that has its name: who joins it is told
            }
        }
        if (!table.all().isEmpty()) {
            firewall.install(table.all(), table.guarded(), log.endpoints());
            watch();
        } else {
            forgetRules();
        }
        log.endpoints().forEach(held::again);
    }

    /** An earlier engine may not have come to it. */
    private void forgetRules() {
        try {
            firewall.remove();
        } catch (Failure e) {
            // rules about no network do no harm
        }
    }

    /** The network namespace that all of it is in. */
    public Ground ground() {
        return ground;
    }

    /** The default network, made when it is first asked for. */
    public Network defaultNetwork() {
        lock.lock();
        try {
            Network network = table.named(DEFAULT);
            return network == null ? make(defaults.bridge().withBridge(freeLink())) : network;
        } finally {
            lock.unlock();
        }
    }

    /** rung0, unless another Rung of this host has it. */
    private String freeLink() {
        for (int i = 0; ; i++) {
            if (!bridges.isThere(DEFAULT_LINK + i)) {
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
            return make(defaults.completed(spec));
        } finally {
            lock.unlock();
        }
    }

    private Network make(NetworkSpec spec) {
        Network network = table.choose(spec);
        table.add(network); // first of all: whatever is made from here on is known
        steps.done(NetworkStep.NETWORK_RECORDED);
        try {
            ground.settle(() -> table.prepareHost(network));
            bridges.ensure(network);
            steps.done(NetworkStep.BRIDGE_MADE);
            firewall.install(table.all(), table.guarded(), log.endpoints());
            steps.done(NetworkStep.NETWORK_MADE);
            watch();
            return network;
        } catch (RuntimeException e) {
            discard(network, e);
            throw e;
        }
    }

    private void watch() {
        if (firewall.isThere()) {
            watch.start();
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
        steps.done(NetworkStep.BRIDGE_REMOVED);
        table.remove(network);
        steps.done(NetworkStep.NETWORK_FORGOTTEN);
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

    /** Where all containers are that are somewhere. */
    public Map<ContainerId, List<Endpoint>> endpoints() {
        lock.lock();
        try {
            return log.endpoints().stream().collect(Collectors.groupingBy(Endpoint::container));
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
        var ports = new ArrayList<PortForwarder>();
        Network network;
        Endpoint endpoint;
        CompletableFuture<Void> synced;
        lock.lock();
        try {
            network = get(spec.network());
            if (!network.internal()) {
                ground.open();
            }
            endpoint = choose(network, spec, ports);
            log.begun(endpoint);
            steps.done(NetworkStep.ENDPOINT_RECORDED);
            held.put(endpoint, ports);
            synced = log.sync(); // beside the kernel's work
        } catch (RuntimeException e) {
            ports.forEach(PortForwarder::close);
            throw e;
        } finally {
            lock.unlock();
        }
        try {
            bridges.join(network, bridges.ready(network), endpoint, namespace);
            steps.done(NetworkStep.LINKS_MADE);
            firewall.publish(endpoint);
            steps.done(NetworkStep.PORTS_PUBLISHED);
            HeldPorts.start(endpoint, ports);
            synced.join();
            finish(endpoint);
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

    /** The kernel has all of it. Not synced: after a power cut it has nothing at all. */
    private void finish(Endpoint endpoint) {
        lock.lock();
        try {
            log.finished(endpoint);
        } finally {
            lock.unlock();
        }
    }

    private Endpoint choose(Network network, EndpointSpec spec, List<PortForwarder> ports) {
        List<Endpoint> others = log.of(spec.container());
        if (others.stream().anyMatch(other -> other.networkId().equals(network.id()))) {
            throw new Failure.AlreadyExists(
                    "container %s is in network %s already"
                            .formatted(spec.container(), network.name()));
        }
        List<Endpoint> neighbours = log.in(network);
        var choice = new EndpointChoice(network, spec);
        Endpoint endpoint = choice.among(others, neighbours, leaving::hasLeft);
        return endpoint.withPorts(bind(network, spec.ports(), ports));
    }

    private List<PortBinding> bind(
            Network network, List<PublishedPort> wishes, List<PortForwarder> ports) {
        if (wishes.isEmpty() || network.internal()) {
            return List.of();
        }
        var taken = new ArrayList<PortBinding>();
        log.endpoints().forEach(other -> taken.addAll(other.ports()));
        InetAddress usual = network.hostBinding();
        return HostPorts.bind(
                wishes.stream().map(wish -> wish.orAt(usual)).toList(), taken, ports, held, ground);
    }

    /**
     * Makes a network that the container is in the one that its default routes lead through, and
     * that its published ports lead to; it has none by then. WrongState when it is not in it.
     */
    public Endpoint promote(
            Fd namespace, ContainerId container, String nameOrId, List<PublishedPort> wishes) {
        var ports = new ArrayList<PortForwarder>();
        Endpoint endpoint;
        lock.lock();
        try {
            Network network = table.find(nameOrId);
            Endpoint former = log.require(container, network);
            endpoint = former.withGateways(network).withPorts(bind(network, wishes, ports));
            log.begun(endpoint);
            steps.done(NetworkStep.GATEWAY_RECORDED);
            held.release(former);
            held.put(endpoint, ports);
            log.sync().join();
        } catch (RuntimeException e) {
            ports.forEach(PortForwarder::close);
            throw e;
        } finally {
            lock.unlock();
        }
        Bridges.routeThrough(endpoint, namespace);
        firewall.publish(endpoint);
        HeldPorts.start(endpoint, ports);
        finish(endpoint);
        return endpoint;
    }

    /** The opposite: the container keeps its place, without default routes and ports. */
    public Endpoint demote(Fd namespace, ContainerId container, String nameOrId) {
        Endpoint former;
        Endpoint endpoint;
        lock.lock();
        try {
            former = log.require(container, table.find(nameOrId));
            endpoint = former.withoutGateways().withPorts(List.of());
            log.begun(endpoint);
            steps.done(NetworkStep.GATEWAY_RECORDED);
            held.release(former);
            held.put(endpoint, List.of());
            log.sync().join();
        } finally {
            lock.unlock();
        }
        firewall.unpublish(former);
        Bridges.routeNoMoreThrough(former, namespace);
        finish(endpoint);
        return endpoint;
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
        steps.done(NetworkStep.PORTS_WITHDRAWN);
        if (how == Teardown.NOW) {
            bridges.removeLink(endpoint.hostLink());
            steps.done(NetworkStep.LINKS_REMOVED);
        }
        lock.lock();
        try {
            held.release(endpoint);
            if (how == Teardown.WITH_NAMESPACE) {
                leaving.add(endpoint);
            }
            log.left(endpoint);
            if (userNetworks(endpoint.container()).isEmpty()) {
                nameServers.stop(endpoint.container());
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Answers the container's questions for names at 127.0.0.11 from now on, if it is in a user
     * network and they are not answered already; until it leaves the last one.
     *
     * @param servers who is asked about other names; empty for those that the host asks
     */
    public void serveNames(Fd namespace, ContainerId container, List<InetAddress> servers) {
        if (!userNetworks(container).isEmpty()) {
            nameServers.serve(
                    container,
                    namespace,
                    new NeighbourNames(container, () -> userNetworks(container), servers));
        }
    }

    /** Others find a container by another name from now on. */
    public void rename(ContainerId container, String from, String to) {
        lock.lock();
        try {
            for (Endpoint endpoint : log.of(container)) {
                log.changed(endpoint.renamed(from, to));
            }
        } finally {
            lock.unlock();
        }
    }

    /** The container's user networks, with all who are in them. */
    private Map<Network, List<Endpoint>> userNetworks(ContainerId container) {
        lock.lock();
        try {
            var networks = new LinkedHashMap<Network, List<Endpoint>>();
            for (Endpoint endpoint : log.of(container)) {
                Network network = table.find(endpoint.networkId());
                if (!network.name().equals(DEFAULT)) {
                    networks.put(network, log.in(network));
                }
            }
            return networks;
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
        nameServers.close();
        lock.lock();
        try {
            closed = true;
            held.close();
            firewall.close();
            log.close();
            folder.close();
        } finally {
            lock.unlock();
        }
    }
}
