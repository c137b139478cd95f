package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
     */
    public record Subnet(
            Prefix prefix, Prefix range, InetAddress gateway, @Nullable InetAddress router) {
        public Subnet {
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
            this(prefix, range, gateway, null);
        }

        /** With that router, or none. */
        Subnet through(@Nullable InetAddress other) {
            return new Subnet(prefix, range, gateway, other);
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

    /** Refuses a name that docker would refuse. */
    static String checkedName(String name) {
        boolean right = !name.isEmpty() && name.length() <= 255 && isWord(name.charAt(0));
        for (int i = 1; right && i < name.length(); i++) {
            right = isWord(name.charAt(i)) || "_.-".indexOf(name.charAt(i)) >= 0;
        }
        if (!right) {
            throw new Failure.Invalid(
                    "invalid network name \"%s\": want [a-zA-Z0-9][a-zA-Z0-9_.-]*"
                            .formatted(Printable.of(name)));
        }
        return name;
    }

    private static boolean isWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
