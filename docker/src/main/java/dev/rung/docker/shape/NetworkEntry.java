package dev.rung.docker.shape;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.network.Network;
import dev.rung.network.Networks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of the networks that a person sees.
 *
 * @param network null for host and none
 */
public record NetworkEntry(String id, String name, String driver, @Nullable Network network) {
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none");
    private static final List<NetworkEntry> PLAIN =
            List.of(plain("host", "host"), plain("none", "null"));

    /** Whether it is always there, and nobody's to remove. */
    public static boolean isPredefined(String name) {
        return PREDEFINED.contains(name);
    }

    /** By name. */
    public static List<NetworkEntry> all(Networks networks) {
        var entries = new ArrayList<NetworkEntry>();
        entries.add(of(networks.defaultNetwork()));
        for (Network network : networks.list()) {
            if (!network.name().equals(Networks.DEFAULT)) {
                entries.add(of(network));
            }
        }
        entries.addAll(PLAIN);
        entries.sort(Comparator.comparing(NetworkEntry::name));
        return entries;
    }

    /** By name, id or the beginning of an id; NotFound. */
    public static NetworkEntry find(Networks networks, String name) {
        for (NetworkEntry plain : PLAIN) {
            if (plain.name.equals(name) || plain.id.equals(name)) {
                return plain;
            }
        }
        if (name.isEmpty()) {
            throw new Failure.NotFound("network " + Printable.of(name) + " not found");
        }
        return of(name.equals(Networks.DEFAULT) ? networks.defaultNetwork() : networks.get(name));
    }

    public Map<String, String> labels() {
        return network == null ? Map.of() : network.labels();
    }

    /** When it was made; 1970 for those that nobody makes. */
    public Instant created() {
        return network == null ? Instant.EPOCH : network.created();
    }

    public boolean internal() {
        return network != null && network.internal();
    }

    /** Whether it has addresses of IPv4, or of IPv6. */
    public boolean has(boolean v4) {
        return network != null && network.subnet(v4) != null;
    }

    private static NetworkEntry of(Network network) {
        return new NetworkEntry(network.id(), network.name(), "bridge", network);
    }

    /** The one of that name which is no network of the engine's; null when it is none of them. */
    static @Nullable NetworkEntry plain(String name) {
        for (NetworkEntry plain : PLAIN) {
            if (plain.name.equals(name)) {
                return plain;
            }
        }
        return null;
    }

    /** Ids are only for show: the same on all machines. */
    private static NetworkEntry plain(String name, String driver) {
        String digits = name.equals("host") ? "40" : "00";
        return new NetworkEntry(digits.repeat(32), name, driver, null);
    }
}
