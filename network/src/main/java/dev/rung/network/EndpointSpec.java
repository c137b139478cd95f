package dev.rung.network;

import dev.rung.domain.ContainerId;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
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
 * @param links other names for neighbours on a user network that it alone knows them by
 */
public record EndpointSpec(
        ContainerId container,
        String network,
        @Nullable String link,
        List<InetAddress> addresses,
        @Nullable MacAddress mac,
        boolean defaultRoute,
        List<String> names,
        Map<String, String> links,
        List<PublishedPort> ports) {

    public EndpointSpec {
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
        links = Map.copyOf(links);
        ports = List.copyOf(ports);
    }

    /** A container that joins without wishes. */
    public static EndpointSpec of(ContainerId container, String network) {
        return new EndpointSpec(
                container, network, null, List.of(), null, true, List.of(), Map.of(), List.of());
    }

    public EndpointSpec withPorts(List<PublishedPort> wished) {
        return new EndpointSpec(
                container, network, link, addresses, mac, defaultRoute, names, links, wished);
    }

    public EndpointSpec withNames(List<String> known) {
        return new EndpointSpec(
                container, network, link, addresses, mac, defaultRoute, known, links, ports);
    }

    public EndpointSpec withLinks(Map<String, String> known) {
        return new EndpointSpec(
                container, network, link, addresses, mac, defaultRoute, names, known, ports);
    }

    public EndpointSpec withAddresses(List<InetAddress> wished) {
        return new EndpointSpec(
                container, network, link, wished, mac, defaultRoute, names, links, ports);
    }

    public EndpointSpec withMac(MacAddress wished) {
        return new EndpointSpec(
                container, network, link, addresses, wished, defaultRoute, names, links, ports);
    }

    /** For a second network, which default routes do not lead through. */
    public EndpointSpec withoutDefaultRoute() {
        return new EndpointSpec(
                container, network, link, addresses, mac, false, names, links, ports);
    }
}
