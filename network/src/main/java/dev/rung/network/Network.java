package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bridge network.
 *
 * @param id 64 hexadecimal digits
 * @param bridge the name of its link
 * @param subnets one, or one of each family
 * @param options of the driver, as they were given
 */
public record Network(
        String id,
        String name,
        String bridge,
        List<Subnet> subnets,
        boolean internal,
        int mtu,
        boolean talkative,
        boolean masquerade,
        Map<String, String> labels,
        Map<String, String> options,
        Instant created) {
    private static final int LONGEST_NAME = 255;

    public Network {
        subnets = List.copyOf(subnets);
        labels = Map.copyOf(labels);
        options = Map.copyOf(options);
    }

    /** Where ports are published that name no address; null for all addresses of the host. */
    public @Nullable InetAddress hostBinding() {
        return BridgeOptions.hostBinding(options);
    }

    /** How links inside containers are called, before their number. */
    public String linkPrefix() {
        return BridgeOptions.linkPrefix(options);
    }

    /**
     * Addresses of the network.
     *
     * @param range where addresses are chosen from; lies inside the prefix
     * @param gateway the host's own address, which lies inside the prefix
     * @param router where default routes of containers lead, inside the prefix; null for the host
     * @param reserved others that no container gets, by names
     */
    public record Subnet(
            Prefix prefix,
            Prefix range,
            InetAddress gateway,
            @Nullable InetAddress router,
            Map<String, InetAddress> reserved) {
        public Subnet {
            reserved = Collections.unmodifiableMap(new TreeMap<>(reserved));
            if (range.length() < prefix.length() || !prefix.contains(range.base())) {
                throw new Failure.Invalid(
                        "invalid range %s: want one inside %s".formatted(range, prefix));
            } else if (!prefix.contains(gateway) || prefix.isReserved(gateway)) {
                throw new Failure.Invalid(
                        "invalid gateway %s: want an address of a host inside %s"
                                .formatted(gateway.getHostAddress(), prefix));
            } else if (router != null && (!prefix.contains(router) || prefix.isReserved(router))) {
                throw new Failure.Invalid(
                        "invalid default gateway %s: want an address of a host inside %s"
                                .formatted(router.getHostAddress(), prefix));
            }
        }

        /** One whose containers reach the world through the host. */
        public Subnet(Prefix prefix, Prefix range, InetAddress gateway) {
            this(prefix, range, gateway, null, Map.of());
        }

        /** With that router, or none. */
        Subnet through(@Nullable InetAddress other) {
            return new Subnet(prefix, range, gateway, other, reserved);
        }

        /** The same with those addresses, of which one may be the router's. */
        Subnet withAuxiliary(Map<String, InetAddress> all) {
            var taken = new HashSet<InetAddress>(Set.of(gateway));
            new TreeMap<>(all).forEach((name, address) -> check(name, address, taken));
            var others = new HashMap<>(all);
            InetAddress other = others.remove(routerName());
            return new Subnet(prefix, range, gateway, other == null ? router : other, others);
        }

        private void check(String name, InetAddress address, Set<InetAddress> taken) {
            String shown = Printable.of(name);
            if (!prefix.contains(address)) {
                boolean related = prefix.base().getAddress().length == address.getAddress().length;
                throw new Failure.Invalid(
                        "invalid network config:\ninvalid auxiliary address %s: parent subnet %s"
                                .formatted(
                                        shown,
                                        related
                                                ? prefix + " doesn't contain this address"
                                                : "is an IPv"
                                                        + (prefix.isV4() ? 4 : 6)
                                                        + " block"));
            } else if (!taken.add(address)) {
                throw new Failure.Invalid(
                        "failed to allocate secondary ip address (%s:%s): Address already in use"
                                .formatted(shown, address.getHostAddress()));
            }
        }

        private String routerName() {
            return prefix.isV4() ? "DefaultGatewayIPv4" : "DefaultGatewayIPv6";
        }

        /** All addresses with names, in the order of these. */
        public Map<String, InetAddress> auxiliary() {
            if (router == null) {
                return reserved;
            }
            var all = new TreeMap<>(reserved);
            all.put(routerName(), router);
            return all;
        }

        /** Where default routes lead. */
        InetAddress wayOut() {
            return router == null ? gateway : router;
        }
    }

    /** Its subnet of IPv4, or of IPv6; null when it has none. */
    public @Nullable Subnet subnet(boolean v4) {
        for (Subnet subnet : subnets) {
            if (subnet.prefix().isV4() == v4) {
                return subnet;
            }
        }
        return null;
    }

    /** Refuses a name that no line could show; docker takes all but blank ones. */
    static String checkedName(String name) {
        if (name.isBlank()) {
            throw new Failure.Invalid("invalid name: name is empty");
        } else if (name.length() > LONGEST_NAME || !Printable.of(name).equals(name)) {
            throw new Failure.Invalid(
                    "invalid network name \"%s\": want up to %d characters that can be printed"
                            .formatted(Printable.of(name), LONGEST_NAME));
        }
        return name;
    }
}
