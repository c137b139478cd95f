package dev.rung.network;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.Connections;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.PacketRules;
import dev.rung.linux.RuleBatch;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The packet rules of all networks, kept in the kernel. On a host without nf_tables there are none:
 * then ports are forwarded by {@link PortForwarder} alone. Safe for threads.
 */
final class Firewall implements AutoCloseable {
    private final String table;

    /**
     * Null without packet rules. Open for good: closing one waits until the kernel has freed what
     * was removed through it.
     */
    private final @Nullable NetlinkSocket socket;

    private final boolean v6;

    private Firewall(String table, @Nullable NetlinkSocket socket, boolean v6) {
        this.table = table;
        this.v6 = v6;
        this.socket = socket;
    }

    /**
     * The table is named by whose networks these are: there may be several Rungs on a host.
     *
     * @param wanted false: as on a host without nf_tables
     * @param v6 whether they are about IPv6 as well
     */
    static Firewall open(String table, boolean wanted, boolean v6, Ground ground) {
        return new Firewall(table, wanted ? socket(table, ground) : null, v6);
    }

    private static @Nullable NetlinkSocket socket(String table, Ground ground) {
        try {
            NetlinkSocket socket =
                    ground.<NetlinkSocket, ErrnoException>in(NetlinkSocket::netfilter);
            try {
                socket.enlargeReceiveBuffer();
                new PacketRules(socket).hasTable(PacketFilter.FAMILY, table);
                return socket;
            } catch (ErrnoException e) {
                socket.close();
                throw e;
            }
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.EPROTONOSUPPORT, Errno.EAFNOSUPPORT, Errno.EOPNOTSUPP, Errno.EINVAL ->
                        null;
                default -> throw refused(e);
            };
        }
    }

    /** Whether there are packet rules. */
    boolean isThere() {
        return socket != null;
    }

    /** Makes the table what it has to be for these networks and endpoints, all at once. */
    synchronized void install(
            Collection<Network> networks, List<String> guarded, Collection<Endpoint> endpoints) {
        if (socket == null) {
            return;
        }
        try {
            var batch = new RuleBatch(PacketFilter.FAMILY, table);
            PacketFilter.write(batch, v6);
            LinkSets.write(batch, networks, guarded);
            PortMaps.write(batch, endpoints);
            batch.send(socket);
            new ForeignRules(socket, table, v6).adapt(bridges(networks));
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** Whether the table is still there; somebody may have flushed all rules. */
    synchronized boolean isInstalled() {
        if (socket == null) {
            return true;
        }
        try {
            return new PacketRules(socket).hasTable(PacketFilter.FAMILY, table);
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** Adds to other people's chains what they lack. */
    synchronized void adaptForeign(Collection<Network> networks) {
        if (socket == null) {
            return;
        }
        try {
            new ForeignRules(socket, table, v6).adapt(bridges(networks));
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** Removes all there is; the table stays if the administrator has rules in it. */
    synchronized void remove() {
        if (socket == null) {
            return;
        }
        try {
            new ForeignRules(socket, table, v6).adapt(List.of());
            var rules = new PacketRules(socket);
            if (!rules.hasTable(PacketFilter.FAMILY, table)) {
                return;
            }
            boolean theirs =
                    !rules.rules(PacketFilter.FAMILY, table, PacketFilter.USER_CHAIN).isEmpty();
            if (theirs) {
                var batch = new RuleBatch(PacketFilter.FAMILY, table);
                LinkSets.write(batch, List.of(), List.of());
                PortMaps.write(batch, List.of());
                batch.send(socket);
            } else {
                new RuleBatch(PacketFilter.FAMILY, table).deleteTable().send(socket);
            }
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** Lets the endpoint's ports lead to it, also those of UDP flows that are under way. */
    synchronized void publish(Endpoint endpoint) {
        if (socket == null || endpoint.ports().isEmpty()) {
            return;
        }
        try {
            var batch = new RuleBatch(PacketFilter.FAMILY, table);
            PortMaps.add(batch, endpoint);
            batch.send(socket);
            forgetFlows(socket, endpoint);
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    /** The opposite; nothing when the ports lead there no more. */
    synchronized void unpublish(Endpoint endpoint) {
        if (socket == null || endpoint.ports().isEmpty()) {
            return;
        }
        try {
            var batch = new RuleBatch(PacketFilter.FAMILY, table);
            PortMaps.remove(batch, endpoint);
            try {
                batch.send(socket);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
            forgetFlows(socket, endpoint);
        } catch (ErrnoException e) {
            throw refused(e);
        }
    }

    private static void forgetFlows(NetlinkSocket socket, Endpoint endpoint) throws ErrnoException {
        Set<Integer> ports =
                endpoint.ports().stream()
                        .filter(port -> port.protocol() == Protocol.UDP)
                        .map(PortBinding::hostPort)
                        .collect(Collectors.toSet());
        if (!ports.isEmpty()) {
            new Connections(socket).forgetUdp(ports);
        }
    }

    @Override
    public synchronized void close() {
        if (socket != null) {
            socket.close();
        }
    }

    private static List<String> bridges(Collection<Network> networks) {
        return networks.stream()
                .filter(network -> !network.internal())
                .map(Network::bridge)
                .toList();
    }

    private static Failure refused(ErrnoException e) {
        return new Failure.HostRefused("packet rules: " + e.getMessage(), e);
    }
}
