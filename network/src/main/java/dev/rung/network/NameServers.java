package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.network.dns.NameServer;
import dev.rung.network.dns.Names;
import java.io.IOException;
import java.net.InetAddress;
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

    /** Where names are asked for. */
    static final int DNS = 53;

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
                    NameRules.of(opened.server().udpPort(), opened.server().tcpPort()).send(rules);
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
