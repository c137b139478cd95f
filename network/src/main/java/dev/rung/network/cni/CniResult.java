package dev.rung.network.cni;

import dev.rung.network.Prefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a chain of plugins made (CNI specification, section 5 "Result Types").
 *
 * @param interfaces all links, of the host as well
 * @param ips addresses that were given
 * @param routes that were made
 * @param dns what the container should ask for names
 */
public record CniResult(List<Interface> interfaces, List<Ip> ips, List<Route> routes, Dns dns) {
    /** Of a chain that made nothing yet. */
    static final CniResult EMPTY = new CniResult(List.of(), List.of(), List.of(), Dns.NONE);

    public CniResult {
        interfaces = List.copyOf(interfaces);
        ips = List.copyOf(ips);
        routes = List.copyOf(routes);
    }

    /**
     * A link.
     *
     * @param mac empty where it has none
     * @param mtu in bytes, 0 when it is not told
     * @param sandbox the path of its network namespace, empty on the host
     * @param socketPath of a socket that stands for it, else empty
     * @param pciId of the device, else empty
     */
    public record Interface(
            String name, String mac, int mtu, String sandbox, String socketPath, String pciId) {
        static Interface of(String name, String mac, String sandbox) {
            return new Interface(name, mac, 0, sandbox, "", "");
        }

        Interface withMac(String other) {
            return new Interface(name, other, mtu, sandbox, socketPath, pciId);
        }
    }

    /**
     * An address.
     *
     * @param length of the network's prefix, in bits
     * @param gateway null without one
     * @param link the place in interfaces of the link that has it, null when it is not told
     */
    public record Ip(
            InetAddress address,
            int length,
            @Nullable InetAddress gateway,
            @Nullable Integer link) {
        /** Whether it is IPv4. */
        public boolean isV4() {
            return address.getAddress().length == 4;
        }

        Prefix network() {
            return new Prefix(address, length);
        }

        Ip at(int place, @Nullable InetAddress via) {
            return new Ip(address, length, via, place);
        }

        /** As 10.88.0.2/16. */
        @Override
        public String toString() {
            return IpText.of(address) + "/" + length;
        }
    }

    /**
     * A route.
     *
     * @param gateway null for that of the address
     * @param mtu of packets on the way, in bytes, 0: not told
     * @param segment the largest one to offer for TCP, in bytes, 0: not told
     * @param priority lower counts first, 0: not told
     * @param table null for the main one
     * @param scope as the kernel's, null: not told
     */
    public record Route(
            Prefix destination,
            @Nullable InetAddress gateway,
            int mtu,
            int segment,
            int priority,
            @Nullable Integer table,
            @Nullable Integer scope) {
        static Route of(Prefix destination, @Nullable InetAddress gateway) {
            return new Route(destination, gateway, 0, 0, 0, null, null);
        }

        boolean isDefault() {
            return destination.length() == 0;
        }
    }

    /**
     * What a resolver is told.
     *
     * @param domain empty for none
     */
    public record Dns(
            List<String> nameservers, String domain, List<String> search, List<String> options) {
        static final Dns NONE = new Dns(List.of(), "", List.of(), List.of());

        public Dns {
            nameservers = List.copyOf(nameservers);
            search = List.copyOf(search);
            options = List.copyOf(options);
        }

        boolean isEmpty() {
            return equals(NONE);
        }
    }

    CniResult withInterfaces(List<Interface> all) {
        return new CniResult(all, ips, routes, dns);
    }

    CniResult withInterface(Interface one) {
        var all = new ArrayList<>(interfaces);
        all.add(one);
        return withInterfaces(all);
    }
}
