package dev.rung.network;

import static dev.rung.linux.Expression.META_L4PROTO;
import static dev.rung.linux.Expression.NETWORK_HEADER;
import static dev.rung.linux.Expression.TRANSPORT_HEADER;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.Fd;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.RuleBatch;
import dev.rung.linux.RuleBatch.Bytes;
import dev.rung.linux.RuleBatch.Hook;
import dev.rung.linux.RuleBatch.SetShape;
import dev.rung.network.dns.NameServer;
import dev.rung.network.dns.Names;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The name servers of containers, each inside its container's network namespace. They listen on any
 * free ports of 127.0.0.11, and a rule there leads port 53 to them, so that the container can still
 * have port 53 of all addresses for itself. Without packet rules they listen on port 53.
 */
final class NameServers implements AutoCloseable {
    /** What containers of user networks have as their name server. */
    static final InetAddress ADDRESS = Prefix.of(new byte[] {127, 0, 0, 11});

    private static final String TABLE = "rung-names";
    private static final String PORTS = "ports";
    private static final String CHAIN = "output";
    private static final int DNS = 53;
    private static final int REGISTER = 1;

    private final Map<ContainerId, NameServer> servers = new ConcurrentHashMap<>();

    private final boolean redirect;

    /**
     * With or without packet rules.
     *
     * @param redirect false: they listen on port 53 itself
     */
    NameServers(boolean redirect) {
        this.redirect = redirect;
    }

    /** Sockets of a container. */
    private record Opened(NameServer server, @Nullable NetlinkSocket rules) {}

    /** Answers a container's questions, unless that is done already. */
    void serve(ContainerId container, Fd namespace, Names names) {
        if (servers.containsKey(container)) {
            return;
        }
        try {
            NameServer.prepare();
            Opened opened = NetworkNamespaces.<Opened, IOException>in(namespace, () -> open(names));
            try (NetlinkSocket rules = opened.rules()) {
                if (rules != null) {
                    rules(opened.server()).send(rules);
                }
            } catch (ErrnoException | IOException | RuntimeException e) {
                opened.server().close();
                throw e;
            }
            opened.server().start();
            NameServer other = servers.put(container, opened.server());
            if (other != null) {
                other.close();
            }
        } catch (ErrnoException | IOException e) {
            throw new Failure.HostRefused(
                    "name server of container %s: %s".formatted(container, e.getMessage()), e);
        }
    }

    private Opened open(Names names) throws IOException {
        NameServer server = NameServer.open(ADDRESS, redirect ? 0 : DNS, names);
        if (!redirect) {
            return new Opened(server, null);
        }
        try {
            return new Opened(server, NetlinkSocket.netfilter());
        } catch (ErrnoException e) {
            server.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    private static RuleBatch rules(NameServer server) throws IOException {
        SetShape like = PortMaps.SHAPES.get(1);
        var ports =
                new SetShape(
                        PORTS,
                        like.keyType(),
                        like.keyLength(),
                        like.valueType(),
                        like.valueLength(),
                        false);
        var batch = new RuleBatch(RuleBatch.IPV4, TABLE).table().set(ports);
        batch.chain(CHAIN, new Hook("nat", Hook.OUTPUT, -100)).flush(CHAIN).flushSet(PORTS);
        batch.add(
                PORTS,
                Map.of(
                        key(Protocol.UDP), value(Protocol.UDP, server.udpPort()),
                        key(Protocol.TCP), value(Protocol.TCP, server.tcpPort())));
        return batch.rule(
                CHAIN,
                List.of(
                        new Expression.Meta(META_L4PROTO, REGISTER),
                        new Expression.Payload(NETWORK_HEADER, PacketFilter.V4_DESTINATION, 4, 9),
                        new Expression.Payload(TRANSPORT_HEADER, 2, 2, 10),
                        new Expression.Lookup(PORTS, REGISTER, true, REGISTER),
                        new Expression.Redirect(RuleBatch.IPV4, REGISTER, 9)));
    }

    private static Bytes key(Protocol protocol) {
        return PortMaps.key(new PortBinding(protocol, ADDRESS, DNS, DNS), ADDRESS.getAddress());
    }

    private static Bytes value(Protocol protocol, int port) {
        return PortMaps.value(new PortBinding(protocol, ADDRESS, DNS, port), ADDRESS);
    }

    /** Lets go of the container's namespace, if it has a name server. */
    void stop(ContainerId container) {
        NameServer server = servers.remove(container);
        if (server != null) {
            server.close();
        }
    }

    @Override
    public void close() {
        servers.values().forEach(NameServer::close);
        servers.clear();
    }
}
