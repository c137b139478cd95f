package dev.rung.network;

import dev.rung.domain.Failure;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a new endpoint gets of what its container asked for. */
final class EndpointChoice {
    private static final int LINK_DIGITS = 11; // with what stands before them the longest name
    private static final long FNV_START = 0xcbf29ce484222325L; // FNV-1a, 64 bits
    private static final long FNV_PRIME = 0x100000001b3L;

    private final Network network;
    private final EndpointSpec spec;

    EndpointChoice(Network network, EndpointSpec spec) {
        this.network = network;
        this.spec = spec;
    }

    /**
     * The endpoint, without ports.
     *
     * @param own the container's other endpoints
     * @param neighbours who is in the network
     * @param free whether an address that was given up can be had again
     */
    Endpoint among(
            Collection<Endpoint> own,
            Collection<Endpoint> neighbours,
            Predicate<InetAddress> free) {
        var taken = new HashSet<InetAddress>();
        for (Endpoint neighbour : neighbours) {
            neighbour.addresses().forEach(address -> taken.add(address.address()));
        }
        var addresses = new ArrayList<Endpoint.Address>();
        for (Network.Subnet subnet : network.subnets()) {
            taken.addAll(subnet.reserved().values());
            InetAddress address = address(subnet, taken, free);
            boolean out = spec.defaultRoute() && !network.internal();
            addresses.add(
                    new Endpoint.Address(
                            address, subnet.prefix().length(), out ? subnet.wayOut() : null));
        }
        checkWishes();
        MacAddress mac = spec.mac();
        return new Endpoint(
                network.id(),
                spec.container(),
                link(own),
                hostLink(),
                mac == null ? mac(addresses.getFirst().address()) : mac,
                addresses,
                spec.names(),
                spec.links(),
                List.of());
    }

    private InetAddress address(
            Network.Subnet subnet, Set<InetAddress> taken, Predicate<InetAddress> free) {
        InetAddress wish = wish(subnet);
        if (wish == null) {
            return AddressPools.next(subnet, taken, free);
        } else if (!AddressPools.isForHosts(subnet, wish)) {
            throw new Failure.Invalid(
                    "invalid address %s: want one that a container may have in %s"
                            .formatted(wish.getHostAddress(), subnet.prefix()));
        } else if (taken.contains(wish)) {
            throw new Failure.AlreadyExists("Address already in use: " + wish.getHostAddress());
        }
        return wish;
    }

    private @Nullable InetAddress wish(Network.Subnet subnet) {
        for (InetAddress wish : spec.addresses()) {
            if (wish.getAddress().length == subnet.gateway().getAddress().length) {
                return wish;
            }
        }
        return null;
    }

    private void checkWishes() {
        for (InetAddress wish : spec.addresses()) {
            if (network.subnet(wish.getAddress().length == 4) == null) {
                throw new Failure.Invalid(
                        "invalid address %s: network %s has no subnet of its family"
                                .formatted(wish.getHostAddress(), network.name()));
            }
        }
    }

    /** The first of eth0, eth1, ... or with the network's own prefix that the container has not. */
    private String link(Collection<Endpoint> own) {
        if (spec.link() != null) {
            return spec.link();
        }
        var taken = new HashSet<String>();
        own.forEach(endpoint -> taken.add(endpoint.link()));
        for (int i = 0; ; i++) {
            String link = network.linkPrefix() + i;
            if (!taken.contains(link)) {
                return link;
            }
        }
    }

    /**
     * Named as docker's are, which network programs of the host leave alone; always the same for a
     * container and a network.
     */
    private String hostLink() {
        long hash = FNV_START;
        for (byte b : (network.id() + spec.container()).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b & 0xff) * FNV_PRIME;
        }
        return "veth" + HexFormat.of().toHexDigits(hash, LINK_DIGITS);
    }

    /** One made from an IPv4 address, or from the last bytes of an IPv6 one. */
    private static MacAddress mac(InetAddress address) {
        byte[] bytes = address.getAddress();
        return MacAddress.of(Prefix.of(Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length)));
    }
}
