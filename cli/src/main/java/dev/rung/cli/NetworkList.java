package dev.rung.cli;

import dev.rung.cli.show.Listing.Column;
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

/** All networks as docker lists them: with host and none, which are no bridges. */
final class NetworkList {
    static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "NETWORK ID"),
                    Column.usual("Name", "NAME"),
                    Column.usual("Driver", "DRIVER"),
                    Column.usual("Scope", "SCOPE"),
                    Column.other("IPv6", "IPV6"),
                    Column.other("IPv4", "IPV4"),
                    Column.other("Internal", "INTERNAL"),
                    Column.other("Labels", "LABELS"),
                    Column.other("CreatedAt", "CREATED AT"));

    private static final int SHORT_ID = 12;
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none");

    private NetworkList() {}

    /**
     * One network.
     *
     * @param network null for host and none
     */
    record Entry(String id, String name, String driver, @Nullable Network network) {
        Map<String, String> labels() {
            return network == null ? Map.of() : network.labels();
        }

        Instant created() {
            return network == null ? Instant.EPOCH : network.created();
        }

        boolean internal() {
            return network != null && network.internal();
        }

        boolean has(boolean v4) {
            return network != null && network.subnet(v4) != null;
        }

        String[] row(boolean whole) {
            var labels = new ArrayList<String>();
            labels().forEach((key, value) -> labels.add(key + "=" + value));
            return new String[] {
                whole ? id : id.substring(0, SHORT_ID),
                name,
                driver,
                "local",
                Boolean.toString(has(false)),
                Boolean.toString(has(true)),
                Boolean.toString(internal()),
                String.join(",", labels),
                created().toString()
            };
        }
    }

    static boolean isPredefined(String name) {
        return PREDEFINED.contains(name);
    }

    /** By name. */
    static List<Entry> of(Services services) {
        Networks networks = services.containers().connections().networks();
        networks.defaultNetwork();
        var entries = new ArrayList<Entry>();
        for (Network network : networks.list()) {
            entries.add(entry(network));
        }
        entries.add(plain("host", "host"));
        entries.add(plain("none", "null"));
        entries.sort(Comparator.comparing(Entry::name));
        return entries;
    }

    /** By name, id or the beginning of an id; NotFound. */
    static Entry find(Services services, String name) {
        for (Entry plain : List.of(plain("host", "host"), plain("none", "null"))) {
            if (plain.name.equals(name) || plain.id.equals(name)) {
                return plain;
            }
        }
        if (name.isEmpty()) {
            throw new Failure.NotFound("network " + Printable.of(name) + " not found");
        }
        return entry(services.containers().connections().networks().get(name));
    }

    private static Entry entry(Network network) {
        return new Entry(network.id(), network.name(), "bridge", network);
    }

    /** Ids are only for show: the same on all machines. */
    private static Entry plain(String name, String driver) {
        String digits = name.equals("host") ? "40" : "00";
        return new Entry(digits.repeat(32), name, driver, null);
    }
}
