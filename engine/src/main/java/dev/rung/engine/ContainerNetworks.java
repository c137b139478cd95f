package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.engine.NameFiles.Whereabouts;
import dev.rung.engine.monitor.ProcessIdentity;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.network.Endpoint;
import dev.rung.network.EndpointSpec;
import dev.rung.network.MacAddress;
import dev.rung.network.Network;
import dev.rung.network.Networks;
import dev.rung.network.Prefix;
import dev.rung.network.PublishedPort;
import dev.rung.network.Teardown;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lets containers into the networks that they asked for. */
final class ContainerNetworks {
    private static final int SHORT_ID = 12;
    private static final Comparator<NetworkWish> GATEWAY_FIRST =
            Comparator.comparingInt(NetworkWish::priority)
                    .reversed()
                    .thenComparing(NetworkWish::network);

    private final Networks networks;

    ContainerNetworks(Networks networks) {
        this.networks = networks;
    }

    Networks all() {
        return networks;
    }

    /** Whether it is in a user network, where names are answered. */
    static boolean isAnswered(ContainerRecord container) {
        return container.networks().stream()
                .anyMatch(wish -> !wish.network().equals(Networks.DEFAULT));
    }

    /**
     * What a new container wishes for, with the networks' own names; NotFound when there is none of
     * a name.
     */
    List<NetworkWish> resolve(List<NetworkWish> asked, HostOptions options) {
        NameFiles.check(options);
        return wishes(asked, options);
    }

    private List<NetworkWish> wishes(List<NetworkWish> asked, HostOptions options) {
        var wishes = new ArrayList<NetworkWish>();
        for (NetworkWish wish : asked.isEmpty() ? usual(options.network()) : asked) {
            wishes.add(resolve(wish));
        }
        if (!wishes.isEmpty() && options.network().kind() == NamespaceMode.Kind.NETWORK) {
            wishes.set(0, wishes.getFirst().linked(options.links()));
        }
        return wishes;
    }

    private static List<NetworkWish> usual(NamespaceMode mode) {
        return switch (mode.kind()) {
            case DEFAULT -> List.of(NetworkWish.of(Networks.DEFAULT));
            case NETWORK -> List.of(NetworkWish.of(mode.name()));
            case PRIVATE, NONE, HOST, SHAREABLE, CONTAINER -> List.of();
        };
    }

    /** The same with the network's own name, and checked. */
    NetworkWish resolve(NetworkWish wish) {
        if (!wish.network().equals(Networks.DEFAULT)) {
            NetworkWish named = wish.in(networks.get(wish.network()).name());
            addresses(named);
            mac(named);
            links(named);
            return named;
        } else if (!wish.isPlain()) {
            throw new Failure.Invalid(
                    wish.aliases().isEmpty()
                            ? "invalid config for network bridge: invalid endpoint settings:"
                                    + " user specified IP address is supported on user defined"
                                    + " networks only"
                            : "invalid config for network bridge: invalid endpoint settings:"
                                    + " network-scoped aliases are only supported for user-defined"
                                    + " networks");
        }
        mac(wish);
        return wish;
    }

    private static List<InetAddress> addresses(NetworkWish wish) {
        var addresses = new ArrayList<InetAddress>();
        if (!wish.ipv4().isEmpty()) {
            addresses.add(address(wish.ipv4(), 4));
        }
        if (!wish.ipv6().isEmpty()) {
            addresses.add(address(wish.ipv6(), 16));
        }
        return addresses;
    }

    private static InetAddress address(String text, int length) {
        InetAddress address = Prefix.parseAddress(text);
        if (address.getAddress().length != length) {
            throw new Failure.Invalid(
                    "invalid IPv%s address: %s".formatted(length == 4 ? "4" : "6", text));
        }
        return address;
    }

    private static @Nullable MacAddress mac(NetworkWish wish) {
        return wish.mac().isEmpty() ? null : MacAddress.parse(wish.mac());
    }

    /** Joins all of them; where the container is then. */
    Whereabouts join(ContainerRecord container, ProcessIdentity process) {
        if (container.networks().isEmpty()) {
            return Whereabouts.UNKNOWN;
        }
        try (Fd namespace = open(process)) {
            return join(container, namespace);
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** The same in a namespace that is lent. */
    Whereabouts join(ContainerRecord container, Fd namespace) {
        boolean gateway = false;
        for (NetworkWish wish : sorted(container)) {
            boolean through = !gateway && !networks.get(wish.network()).internal();
            attach(namespace, container, wish, through);
            gateway |= through;
        }
        serveNames(namespace, container);
        return whereabouts(container.id());
    }

    private static List<NetworkWish> sorted(ContainerRecord container) {
        return container.networks().stream().sorted(GATEWAY_FIRST).toList();
    }

    private void attach(
            Fd namespace, ContainerRecord container, NetworkWish wish, boolean gateway) {
        EndpointSpec spec =
                EndpointSpec.of(container.id(), wish.network())
                        .withNames(names(container, wish))
                        .withLinks(links(wish))
                        .withAddresses(addresses(wish));
        MacAddress mac = mac(wish);
        if (mac != null) {
            spec = spec.withMac(mac);
        }
        networks.attach(
                namespace, gateway ? spec.withPorts(ports(container)) : spec.withoutDefaultRoute());
    }

    private static List<String> names(ContainerRecord container, NetworkWish wish) {
        var names = new ArrayList<String>();
        names.add(container.name().value());
        names.addAll(wish.aliases());
        names.add(container.id().value().substring(0, SHORT_ID));
        String hostname = container.config().hostname();
        if (!hostname.isEmpty() && !names.contains(hostname)) {
            names.add(hostname);
        }
        return names;
    }

    private static Map<String, String> links(NetworkWish wish) {
        var links = new LinkedHashMap<String, String>();
        for (String text : wish.links()) {
            ContainerLinks.Link link = ContainerLinks.Link.parse(text);
            links.put(link.alias(), link.container());
        }
        return links;
    }

    private static List<PublishedPort> ports(ContainerRecord container) {
        var ports = new ArrayList<PublishedPort>();
        var published = new ArrayList<String>();
        for (var port : container.host().ports()) {
            ports.addAll(PublishedPort.parse(port.text()));
            published.add(port.port());
        }
        if (container.host().publishAll()) {
            for (String port : container.config().exposedPorts()) {
                if (!published.contains(port)) {
                    ports.addAll(PublishedPort.parse(port));
                }
            }
        }
        return ports;
    }

    /** Answers in the namespace, which is lent. */
    void serveNames(Fd namespace, ContainerRecord container) {
        networks.serveNames(namespace, container.id(), NameFiles.servers(container.host()));
    }

    /** Answers for a container that was found running. */
    void serveNames(ContainerRecord container, ProcessIdentity process) {
        if (isAnswered(container)) {
            try (Fd namespace = open(process)) {
                serveNames(namespace, container);
            } catch (ErrnoException e) {
                // it ended meanwhile
            }
        }
    }

    /** Lets a running container join one more, which may become the one with the way out. */
    Whereabouts connect(ContainerRecord container, ProcessIdentity process, NetworkWish wish) {
        try (Fd namespace = open(process)) {
            attach(namespace, container, wish, false);
            chooseGateway(namespace, container);
            serveNames(namespace, container);
            return whereabouts(container.id());
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /**
     * Gives a container that was found running the places that its record names and an engine that
     * ended did not come to give it, and takes away those that it names no more.
     *
     * @return whether there was something to do
     */
    boolean mend(ContainerRecord container, ProcessIdentity process) {
        var missing = new HashMap<String, NetworkWish>();
        for (NetworkWish wish : container.networks()) {
            missing.put(networks.get(wish.network()).id(), wish);
        }
        List<Endpoint> before = of(container.id());
        if (missing.isEmpty() && before.isEmpty()) {
            return false;
        }
        try (Fd namespace = open(process)) {
            for (Endpoint endpoint : before) {
                if (missing.remove(endpoint.networkId()) == null) {
                    networks.detach(container.id(), endpoint.networkId(), Teardown.NOW);
                }
            }
            for (NetworkWish wish : missing.values()) {
                attach(namespace, container, wish, false);
            }
            chooseGateway(namespace, container);
            return !of(container.id()).equals(before);
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** Lets a running container leave one; the record names the others. */
    Whereabouts disconnect(ContainerRecord container, ProcessIdentity process, String network) {
        networks.detach(container.id(), network, Teardown.NOW);
        try (Fd namespace = open(process)) {
            chooseGateway(namespace, container);
            return whereabouts(container.id());
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    private void chooseGateway(Fd namespace, ContainerRecord container) {
        String wanted = "";
        for (NetworkWish wish : sorted(container)) {
            if (wanted.isEmpty() && !networks.get(wish.network()).internal()) {
                wanted = networks.get(wish.network()).id();
            }
        }
        for (Endpoint endpoint : of(container.id())) {
            if (endpoint.isGateway() && !endpoint.networkId().equals(wanted)) {
                networks.demote(namespace, container.id(), endpoint.networkId());
            }
        }
        for (Endpoint endpoint : of(container.id())) {
            if (endpoint.networkId().equals(wanted) && !endpoint.isGateway()) {
                networks.promote(namespace, container.id(), wanted, ports(container));
            }
        }
    }

    /** Where a container is that runs. */
    Whereabouts whereabouts(ContainerId id) {
        List<Endpoint> endpoints = of(id);
        InetAddress host = null;
        for (Endpoint endpoint : endpoints) {
            Network network = networks.get(endpoint.networkId());
            Network.Subnet subnet = network.subnet(true);
            Network.Subnet reached = subnet == null ? network.subnet(false) : subnet;
            boolean better = host == null || endpoint.isGateway();
            if (reached != null && better && networks.ground().isMachines()) {
                host = reached.gateway();
            }
        }
        return new Whereabouts(endpoints, host, networks.ground().nameServer());
    }

    /** Others find it by its new name from now on. */
    void rename(ContainerId id, ContainerName from, ContainerName to) {
        networks.rename(id, from.value(), to.value());
    }

    /** Leaves all networks; the links go with the namespace. */
    void leave(ContainerId id) {
        networks.detach(id, Teardown.WITH_NAMESPACE);
    }

    /** The same, and the links are gone when it returns, whoever may still be in the namespace. */
    void leaveNow(ContainerId id) {
        networks.detach(id, Teardown.NOW);
    }

    /** All others leave. */
    void retain(Set<ContainerId> running) {
        networks.retain(running);
    }

    /** Where a container is. */
    List<Endpoint> of(ContainerId id) {
        return networks.endpoints(id);
    }

    /** Asked after opening: else it could be the namespace of who got the process's number. */
    private static Fd open(ProcessIdentity process) throws ErrnoException {
        Fd namespace = NetworkNamespaces.of(process.pid());
        if (!process.isThere()) {
            namespace.close();
            throw new ErrnoException("open", "/proc/" + process.pid() + "/ns/net", Errno.ESRCH);
        }
        return namespace;
    }

    private static Failure refused(ErrnoException e) {
        return new Failure.HostRefused("open the container's network: " + e.getMessage(), e);
    }
}
