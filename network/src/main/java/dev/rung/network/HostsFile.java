package dev.rung.network;

import java.net.InetAddress;
import java.util.List;

/** The file /etc/hosts of a container, as docker writes it. */
public final class HostsFile {
    private static final String LOCAL =
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private HostsFile() {}

    /** A further name with its address. */
    public record Line(String name, InetAddress address) {}

    /**
     * The text.
     *
     * @param hostname the container's own, with its domain or without
     * @param endpoints where it is; each of its addresses belongs to its name
     * @param extra further names with their addresses, which stand before its own
     */
    public static String text(String hostname, List<Endpoint> endpoints, List<Line> extra) {
        var text = new StringBuilder(LOCAL);
        for (Line line : extra) {
            text.append(line.address.getHostAddress()).append('\t').append(line.name).append('\n');
        }
        int dot = hostname.indexOf('.');
        String names = dot < 0 ? hostname : hostname + " " + hostname.substring(0, dot);
        for (Endpoint endpoint : endpoints) {
            for (Endpoint.Address address : endpoint.addresses()) {
                text.append(address.address().getHostAddress())
                        .append('\t')
                        .append(names)
                        .append('\n');
            }
        }
        return text.toString();
    }
}
