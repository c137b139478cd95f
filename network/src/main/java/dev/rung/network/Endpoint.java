package dev.rung.network;

import dev.rung.domain.ContainerId;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container's place in a network.
 *
 * @param networkId of the network
 * @param link the link's name inside the container, such as eth0
 * @param hostLink the name of its other end, a port of the bridge
 * @param names under which others on a user network find it
 * @param links other names for its neighbours that it alone knows them by
 * @param ports of the host that lead to it
 */
public record Endpoint(
        String networkId,
        ContainerId container,
        String link,
        String hostLink,
        MacAddress mac,
        List<Address> addresses,
        List<String> names,
        Map<String, String> links,
        List<PortBinding> ports) {

    public Endpoint {
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
        links = Map.copyOf(links);
        ports = List.copyOf(ports);
    }

    /**
     * One address of it.
     *
     * @param length of the network's prefix
     * @param gateway where its default route leads, null without one
     */
    public record Address(InetAddress address, int length, @Nullable InetAddress gateway) {
        boolean isV4() {
            return address.getAddress().length == 4;
        }
    }

    /** 64 hexadecimal digits; the same for a container and a network. */
    public String id() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] text = (networkId + " " + container).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(digest.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /** The same with these ports. */
    Endpoint withPorts(List<PortBinding> all) {
        return new Endpoint(
                networkId, container, link, hostLink, mac, addresses, names, links, all);
    }

    /** The same with another name in the place of one. */
    Endpoint renamed(String from, String to) {
        List<String> changed = names.stream().map(name -> name.equals(from) ? to : name).toList();
        return new Endpoint(
                networkId, container, link, hostLink, mac, addresses, changed, links, ports);
    }

    /** The same with default routes through the network's gateways. */
    Endpoint withGateways(Network network) {
        var routed = new ArrayList<Address>();
        for (Address address : addresses) {
            Network.Subnet subnet = network.subnet(address.isV4());
            routed.add(
                    new Address(
                            address.address,
                            address.length,
                            subnet == null || network.internal() ? null : subnet.wayOut()));
        }
        return new Endpoint(networkId, container, link, hostLink, mac, routed, names, links, ports);
    }

    /** The same without default routes. */
    Endpoint withoutGateways() {
        var plain = new ArrayList<Address>();
        for (Address address : addresses) {
            plain.add(new Address(address.address, address.length, null));
        }
        return new Endpoint(networkId, container, link, hostLink, mac, plain, names, links, ports);
    }

    /** Whether default routes of the container lead through it. */
    public boolean isGateway() {
        return addresses.stream().anyMatch(address -> address.gateway() != null);
    }

    /** Its address of IPv4, or of IPv6; null when it has none. */
    public @Nullable InetAddress address(boolean v4) {
        for (Address address : addresses) {
            if (address.isV4() == v4) {
                return address.address();
            }
        }
        return null;
    }
}
