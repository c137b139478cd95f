package dev.rung.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network that is asked for.
 *
 * @param subnets at most one of each family; IPv4 is chosen from the pools when none is given
 * @param ipv6 whether an IPv6 subnet is chosen when none is given
 * @param internal without a way out, and without published ports
 * @param bridge the name of its link, null for one made from the network's id
 * @param mtu in bytes; 0 for that of the link that the default route leaves by, 1500 without one
 * @param talkative whether its containers may reach each other
 * @param masquerade whether its containers go out with the host's address
 * @param options of the driver as they were given
 */
public record NetworkSpec(
        String name,
        List<Subnet> subnets,
        boolean ipv6,
        boolean internal,
        @Nullable String bridge,
        int mtu,
        boolean talkative,
        boolean masquerade,
        Map<String, String> labels,
        Map<String, String> options) {

    public NetworkSpec {
        subnets = List.copyOf(subnets);
        labels = Map.copyOf(labels);
        options = Map.copyOf(options);
    }

    /** A bridge network as docker makes it without options. */
    public static NetworkSpec of(String name) {
        return new NetworkSpec(
                name, List.of(), false, false, null, 0, true, true, Map.of(), Map.of());
    }

    public NetworkSpec withSubnet(Subnet subnet) {
        var more = new ArrayList<>(subnets);
        more.add(subnet);
        return new NetworkSpec(
                name, more, ipv6, internal, bridge, mtu, talkative, masquerade, labels, options);
    }

    public NetworkSpec withIpv6() {
        return new NetworkSpec(
                name, subnets, true, internal, bridge, mtu, talkative, masquerade, labels, options);
    }

    public NetworkSpec withoutWayOut() {
        return new NetworkSpec(
                name, subnets, ipv6, true, bridge, mtu, talkative, masquerade, labels, options);
    }

    /** With the link of that name. */
    public NetworkSpec withBridge(String link) {
        return new NetworkSpec(
                name, subnets, ipv6, internal, link, mtu, talkative, masquerade, labels, options);
    }

    /** Without talk between its containers. */
    public NetworkSpec withoutTalk() {
        return new NetworkSpec(
                name, subnets, ipv6, internal, bridge, mtu, false, masquerade, labels, options);
    }

    public NetworkSpec withLabels(Map<String, String> all) {
        return new NetworkSpec(
                name, subnets, ipv6, internal, bridge, mtu, talkative, masquerade, all, options);
    }

    /**
     * With options of docker's bridge driver: com.docker.network.bridge.name, .enable_icc,
     * .enable_ip_masquerade, .host_binding_ipv4, com.docker.network.driver.mtu and
     * com.docker.network.container_iface_prefix. Others are kept and do nothing, as with docker.
     */
    public NetworkSpec withOptions(Map<String, String> given) {
        return new NetworkSpec(
                name,
                subnets,
                ipv6,
                internal,
                BridgeOptions.bridge(given, bridge),
                BridgeOptions.mtu(given, mtu),
                BridgeOptions.flag(given, BridgeOptions.TALK, talkative),
                BridgeOptions.flag(given, BridgeOptions.MASQUERADE, masquerade),
                labels,
                BridgeOptions.checked(given));
    }

    /**
     * Addresses of a network.
     *
     * @param range where addresses are chosen from, null for the whole prefix
     * @param gateway the host's own address in it, null for the first of the prefix
     * @param auxiliary addresses that no container gets, by names, of which DefaultGatewayIPv4 and
     *     DefaultGatewayIPv6 are the router's
     */
    public record Subnet(
            Prefix prefix,
            @Nullable Prefix range,
            @Nullable InetAddress gateway,
            Map<String, InetAddress> auxiliary) {
        public Subnet {
            auxiliary = Map.copyOf(auxiliary);
        }

        /** One without auxiliary addresses. */
        public Subnet(Prefix prefix, @Nullable Prefix range, @Nullable InetAddress gateway) {
            this(prefix, range, gateway, Map.of());
        }

        public static Subnet of(String prefix) {
            return new Subnet(Prefix.parse(prefix), null, null);
        }

        /** With addresses chosen from there. */
        public Subnet withRange(Prefix other) {
            return new Subnet(prefix, other, gateway, auxiliary);
        }

        public Subnet withGateway(InetAddress other) {
            return new Subnet(prefix, range, other, auxiliary);
        }

        /** With these auxiliary addresses by their names. */
        public Subnet withAuxiliary(Map<String, InetAddress> all) {
            return new Subnet(prefix, range, gateway, all);
        }
    }
}
