package dev.rung.cli;

import dev.rung.cli.show.Listing.Column;
import dev.rung.docker.shape.NetworkEntry;
import java.util.ArrayList;
import java.util.List;

/** The table of networks. */
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

    private NetworkList() {}

    static String[] row(NetworkEntry network, boolean whole) {
        var labels = new ArrayList<String>();
        network.labels().forEach((key, value) -> labels.add(key + "=" + value));
        return new String[] {
            whole ? network.id() : network.id().substring(0, SHORT_ID),
            network.name(),
            network.driver(),
            "local",
            Boolean.toString(network.has(false)),
            Boolean.toString(network.has(true)),
            Boolean.toString(network.internal()),
            String.join(",", labels),
            network.created().toString()
        };
    }
}
