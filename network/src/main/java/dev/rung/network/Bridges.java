package dev.rung.network;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Routes;
import dev.rung.network.machine.HostSettings;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The links of networks and endpoints, made and removed in the kernel. Safe for threads. */
final class Bridges {
    private static final int USUAL_MTU = 1500;
    private static final String LOOPBACK = "lo";
    private static final long NOTICE_NS = 100_000;
    private static final long LONGEST_NOTICE_NS = 100_000_000;

    private final SecureRandom random;
    private final Ground ground;

    Bridges(SecureRandom random, Ground ground) {
        this.random = random;
        this.ground = ground;
    }

    /** What the host's own links and routes already use, which no new subnet may touch. */
    List<Prefix> usedPrefixes() {
        var used = new ArrayList<Prefix>();
        try (var socket = ground.route()) {
            addUsed(used, new Routes(socket));
            if (!ground.isMachines()) {
                try (var machines = NetlinkSocket.route()) {
                    addUsed(used, new Routes(machines));
                }
            }
            return used;
        } catch (ErrnoException e) {
            throw refused("look at the host's routes", e);
        }
    }

    private static void addUsed(List<Prefix> used, Routes routes) throws ErrnoException {
        for (Routes.Entry entry : routes.list()) {
            if (entry.length() > 0) {
                used.add(new Prefix(Prefix.of(entry.address()), entry.length()));
            }
        }
        for (Routes.Entry entry : routes.addresses()) {
            used.add(new Prefix(Prefix.of(entry.address()), entry.length()));
        }
    }

    /** That of the link by which packets leave the host. */
    int usualMtu() {
        try (var socket = ground.route()) {
            var mtus = new HashMap<Integer, Integer>();
            for (Links.Link link : new Links(socket).list()) {
                mtus.put(link.index(), link.mtu());
            }
            for (Routes.Entry entry : new Routes(socket).list()) {
                Integer mtu = entry.length() == 0 ? mtus.get(entry.link()) : null;
                if (mtu != null && mtu <= USUAL_MTU) {
                    return mtu;
                }
            }
            return USUAL_MTU;
        } catch (ErrnoException e) {
            throw refused("look at the host's links", e);
        }
    }

    /** The names of all links but the loopback one. */
    List<String> linkNames() {
        try (var socket = ground.route()) {
            return new Links(socket)
                    .list().stream()
                            .map(Links.Link::name)
                            .filter(name -> !name.equals(LOOPBACK))
                            .toList();
        } catch (ErrnoException e) {
            throw refused("look at the host's links", e);
        }
    }

    /** Makes the network's bridge, or makes right the one that is there; returns its index. */
    int ensure(Network network) {
        try (var socket = ground.route()) {
            var links = new Links(socket);
            try {
                links.createBridge(
                        network.bridge(), MacAddress.random(random).toBytes(), network.mtu());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
            Links.Link bridge = links.find(network.bridge());
            if (!bridge.kind().equals("bridge")) {
                throw new Failure.AlreadyExists(
                        "link %s is there already and is no bridge".formatted(bridge.name()));
            }
            ground.settle(() -> applySettings(network));
            address(new Routes(socket), network, bridge.index());
            links.setUp(network.bridge());
            return bridge.index();
        } catch (ErrnoException e) {
            throw refused("bridge " + network.bridge(), e);
        }
    }

    /** The index of the network's bridge, which is made if somebody removed it. */
    int ready(Network network) {
        try (var socket = ground.route()) {
            return new Links(socket).index(network.bridge());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return ensure(network);
            }
            throw refused("bridge " + network.bridge(), e);
        }
    }

    private static void applySettings(Network network) {
        boolean v6 = network.subnet(false) != null;
        String link = network.bridge();
        HostSettings.setIfThere("ipv6/conf/" + link + "/disable_ipv6", v6 ? "0" : "1");
        if (v6) {
            HostSettings.setIfThere("ipv6/conf/" + link + "/accept_dad", "0");
            HostSettings.setIfThere("ipv6/conf/" + link + "/accept_ra", "0");
        }
        if (network.subnet(true) != null) {
            // what the host sends to a port published on 127.0.0.1 leaves by this link
            HostSettings.set("ipv4/conf/" + link + "/route_localnet", "1");
        }
    }

    private static void address(Routes routes, Network network, int bridge) throws ErrnoException {
        for (Network.Subnet subnet : network.subnets()) {
            try {
                routes.addAddress(bridge, subnet.gateway().getAddress(), subnet.prefix().length());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    /** Removes the network's bridge, if it is there. */
    void remove(Network network) {
        removeLink(network.bridge());
    }

    /** Removes a link, and with a veth its other end; nothing when it is not there. */
    void removeLink(String name) {
        try (var socket = ground.route()) {
            new Links(socket).delete(name);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENODEV) {
                throw refused("remove link " + name, e);
            }
        }
    }

    boolean isThere(String link) {
        try (var socket = ground.route()) {
            new Links(socket).index(link);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return false;
            }
            throw refused("look for link " + link, e);
        }
    }

    /**
     * Makes the endpoint's pair of links and gives the inner one its addresses and routes. When
     * that fails the pair is gone again.
     */
    void join(Network network, int bridge, Endpoint endpoint, Fd namespace) {
        String doing = "network " + network.name() + " for container " + endpoint.container();
        try (var socket = ground.route()) {
            var links = new Links(socket);
            links.createPair(
                    new Links.End(endpoint.hostLink(), null),
                    bridge,
                    new Links.End(endpoint.link(), endpoint.mac().toBytes()),
                    namespace,
                    network.mtu());
            try {
                links.configurePort(
                        endpoint.hostLink(), isFilteredWhenBridged(), !network.talkative());
                links.setUp(endpoint.hostLink());
                configureInside(endpoint, namespace);
                awaitWorking(links, endpoint.hostLink(), network.bridge());
            } catch (ErrnoException | RuntimeException e) {
                removeAfter(e, endpoint.hostLink());
                throw e;
            }
        } catch (ErrnoException e) {
            throw refused(doing, e);
        }
    }

    /**
     * Waits until the kernel has taken notice, some time after the inner end went up, that these
     * links have something at their ends. The first packets would get lost before, and be sent
     * again only a second later. Goes on when it takes too long, as on a bridge that is down.
     */
    private static void awaitWorking(Links links, String... names) throws ErrnoException {
        long end = System.nanoTime() + LONGEST_NOTICE_NS;
        for (String name : names) {
            while (!links.find(name).working() && System.nanoTime() < end) {
                LockSupport.parkNanos(NOTICE_NS);
            }
        }
    }

    private void removeAfter(Exception failure, String link) {
        try {
            removeLink(link);
        } catch (Failure e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Whether the packet rules see what is only bridged (br_netfilter). Then a container that calls
     * its own published port gets the answer back by the port it was asked through.
     */
    private boolean isFilteredWhenBridged() throws ErrnoException {
        return ground.<Boolean, ErrnoException>in(
                () -> HostSettings.isOn("bridge/bridge-nf-call-iptables"));
    }

    /** Sends what has no better route through the endpoint's gateways. */
    static void routeThrough(Endpoint endpoint, Fd namespace) {
        route(endpoint, namespace, Routes::addDefault, Errno.EEXIST);
    }

    /** Takes these routes away again. */
    static void routeNoMoreThrough(Endpoint endpoint, Fd namespace) {
        route(endpoint, namespace, Routes::deleteDefault, Errno.ESRCH);
    }

    /** Changes a default route. */
    private interface RouteChange {
        void make(Routes routes, int link, byte[] gateway) throws ErrnoException;
    }

    private static void route(Endpoint endpoint, Fd namespace, RouteChange change, int done) {
        try (NetlinkSocket inside =
                NetworkNamespaces.<NetlinkSocket, ErrnoException>in(
                        namespace, NetlinkSocket::route)) {
            int link = new Links(inside).index(endpoint.link());
            for (Endpoint.Address address : endpoint.addresses()) {
                InetAddress gateway = address.gateway();
                if (gateway != null) {
                    try {
                        change.make(new Routes(inside), link, gateway.getAddress());
                    } catch (ErrnoException e) {
                        if (e.errno() != done) {
                            throw e;
                        }
                    }
                }
            }
        } catch (ErrnoException e) {
            throw refused("default route of container " + endpoint.container(), e);
        }
    }

    private static void configureInside(Endpoint endpoint, Fd namespace) throws ErrnoException {
        boolean v6 = endpoint.address(false) != null;
        NetlinkSocket inside =
                NetworkNamespaces.<NetlinkSocket, ErrnoException>in(
                        namespace,
                        () -> {
                            String settings = "ipv6/conf/" + endpoint.link();
                            HostSettings.setIfThere(settings + "/disable_ipv6", v6 ? "0" : "1");
                            if (v6) {
                                HostSettings.setIfThere(settings + "/accept_dad", "0");
                                HostSettings.setIfThere(settings + "/accept_ra", "0");
                            }
                            return NetlinkSocket.route();
                        });
        try (inside) {
            var links = new Links(inside);
            var routes = new Routes(inside);
            int link = links.index(endpoint.link());
            for (Endpoint.Address address : endpoint.addresses()) {
                routes.addAddress(link, address.address().getAddress(), address.length());
            }
            links.setUp(LOOPBACK);
            links.setUp(endpoint.link());
            for (Endpoint.Address address : endpoint.addresses()) {
                InetAddress gateway = address.gateway();
                if (gateway != null) {
                    routes.addDefault(link, gateway.getAddress());
                }
            }
        }
    }

    private static Failure refused(String doing, ErrnoException e) {
        return new Failure.HostRefused(doing + ": " + e.getMessage(), e);
    }
}
