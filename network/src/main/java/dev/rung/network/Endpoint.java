package dev.rung.network;

import dev.rung.domain.ContainerId;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container's place in a network.
 *
 * @param networkId of the network
 * @param link the link's name inside the container, such as eth0
 * @param hostLink the name of its other end, a port of the bridge
 * @param names under which others on a user network find it
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
        List<PortBinding> ports) {

    public Endpoint {
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
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
