package dev.rung.network;

import dev.rung.domain.ContainerId;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a container joins a network.
 *
 * @param network name, id, or the beginning of an id
 * @param link the link's name inside the container, null for the first free one of eth0, eth1, ...
 * @param addresses wished for, at most one of each family; the others are chosen
 * @param mac null for one made from the IPv4 address
 * @param defaultRoute whether the container's default routes lead through this network
 * @param names under which others on a user network find it: its name, short id, aliases
 */
public record EndpointSpec(
        ContainerId container,
        String network,
        @Nullable String link,
        List<InetAddress> addresses,
        @Nullable MacAddress mac,
        boolean defaultRoute,
        List<String> names,
        List<PublishedPort> ports) {

    public EndpointSpec {
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
        ports = List.copyOf(ports);
    }

    /** A container that joins without wishes. */
    public static EndpointSpec of(ContainerId container, String network) {
        return new EndpointSpec(
                container, network, null, List.of(), null, true, List.of(), List.of());
    }

    public EndpointSpec withPorts(List<PublishedPort> wished) {
        return new EndpointSpec(
                container, network, link, addresses, mac, defaultRoute, names, wished);
    }

    public EndpointSpec withNames(List<String> known) {
        return new EndpointSpec(
                container, network, link, addresses, mac, defaultRoute, known, ports);
    }

    public EndpointSpec withAddresses(List<InetAddress> wished) {
        return new EndpointSpec(container, network, link, wished, mac, defaultRoute, names, ports);
    }

    public EndpointSpec withMac(MacAddress wished) {
        return new EndpointSpec(
                container, network, link, addresses, wished, defaultRoute, names, ports);
    }

    /** For a second network, which default routes do not lead through. */
    public EndpointSpec withoutDefaultRoute() {
        return new EndpointSpec(container, network, link, addresses, mac, false, names, ports);
    }
}
