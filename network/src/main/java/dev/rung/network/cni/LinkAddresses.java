package dev.rung.network.cni;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.Routes;
import dev.rung.network.Prefix;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What a result says of a link in a container, made there or looked for. */
final class LinkAddresses {
    private static final long PAUSE_NS = 10_000_000;
    private static final long LONGEST_ASKING_NS = 5_000_000_000L;

    private final NetlinkSocket inside;
    private final String name;
    private final boolean asking;

    /**
     * The socket speaks for the container's namespace.
     *
     * @param asking whether IPv6 addresses are used only when nobody else claims them
     */
    LinkAddresses(NetlinkSocket inside, String name, boolean asking) {
        this.inside = inside;
        this.name = name;
        this.asking = asking;
    }

    /** Gives the link its addresses, brings it up, and makes the routes. */
    void apply(CniResult result) throws ErrnoException, PluginError {
        var links = new Links(inside);
        var routes = new Routes(inside);
        int link = links.index(name);
        boolean v6 = false;
        for (CniResult.Ip ip : result.ips()) {
            byte[] address = ip.address().getAddress();
            if (asking && !ip.isV4()) {
                routes.addAskedAddress(link, address, ip.length());
            } else {
                routes.addAddress(link, address, ip.length());
            }
            v6 |= !ip.isV4();
        }
        links.setUp(name);
        if (asking && v6) {
            awaitAnswers(routes, link);
        }
        for (CniResult.Route route : result.routes()) {
            routes.add(link, route(route, result));
        }
    }

    private void awaitAnswers(Routes routes, int link) throws ErrnoException, PluginError {
        long end = System.nanoTime() + LONGEST_ASKING_NS;
        while (routes.isTentative(link)) {
            if (System.nanoTime() > end) {
                throw new PluginError(
                        "failed to settle addresses for \"%s\": still tentative after 5 s"
                                .formatted(name));
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private static Routes.Route route(CniResult.Route route, CniResult result) {
        InetAddress gateway = gateway(route, result);
        Prefix to = route.destination();
        Integer table = route.table();
        Integer scope = route.scope();
        return new Routes.Route(
                to.base().getAddress(),
                to.length(),
                gateway == null ? new byte[0] : gateway.getAddress(),
                route.priority(),
                table == null ? Routes.Route.MAIN_TABLE : table,
                scope == null ? 0 : scope,
                route.mtu(),
                route.segment());
    }

    /** Its own, or that of the first address of its family. */
    private static @Nullable InetAddress gateway(CniResult.Route route, CniResult result) {
        if (route.gateway() != null) {
            return route.gateway();
        }
        for (CniResult.Ip ip : result.ips()) {
            if (ip.isV4() == route.destination().isV4() && ip.gateway() != null) {
                return ip.gateway();
            }
        }
        return null;
    }

    /** Refuses when the link has not all addresses of the result, or a route of it is missing. */
    void check(CniResult result) throws ErrnoException, PluginError {
        var routes = new Routes(inside);
        int link = new Links(inside).index(name);
        for (CniResult.Ip ip : result.ips()) {
            boolean there = false;
            for (Routes.Entry entry : routes.addresses()) {
                there |=
                        entry.link() == link
                                && entry.length() == ip.length()
                                && Prefix.of(entry.address()).equals(ip.address());
            }
            if (!there && isOf(ip, result)) {
                throw new PluginError(
                        "Failed to match addr %s on interface %s".formatted(ip, name));
            }
        }
        for (CniResult.Route route : result.routes()) {
            if (route.table() == null && !isThere(routes, route, gateway(route, result))) {
                throw new PluginError(
                        "Expected Route %s/%d not found in routing table"
                                .formatted(
                                        IpText.of(route.destination().base()),
                                        route.destination().length()));
            }
        }
    }

    private boolean isOf(CniResult.Ip ip, CniResult result) {
        Integer place = ip.link();
        return place == null
                || place < 0
                || place >= result.interfaces().size()
                || result.interfaces().get(place).name().equals(name);
    }

    private static boolean isThere(
            Routes routes, CniResult.Route route, @Nullable InetAddress gateway)
            throws ErrnoException {
        byte[] network = route.destination().base().getAddress();
        byte[] via = gateway == null ? new byte[0] : gateway.getAddress();
        for (Routes.Entry entry : routes.list()) {
            if (entry.length() == route.destination().length()
                    && Arrays.equals(entry.address(), network)
                    && (entry.gateway().length == 0 || Arrays.equals(entry.gateway(), via))) {
                return true;
            }
        }
        return false;
    }
}
