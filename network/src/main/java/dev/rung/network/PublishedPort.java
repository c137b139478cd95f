package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A wish that a port of the container can be reached through one of the host.
 *
 * @param hostAddress null for all addresses of the host, of both families
 * @param firstHostPort the lowest that will do; 0 lets Rung choose any
 * @param lastHostPort the highest that will do
 */
public record PublishedPort(
        Protocol protocol,
        @Nullable InetAddress hostAddress,
        int firstHostPort,
        int lastHostPort,
        int containerPort) {
    private static final int HIGHEST = 65535;

    /**
     * Reads what docker's option -p takes: {@code [[ADDRESS:]HOST-PORTS:]PORTS[/PROTOCOL]}, where
     * ports are a number or a range such as 8000-8010, and IPv6 addresses stand in brackets. A
     * range of the container gives as many wishes, each with its own host port; a range of the host
     * for a single port means any free one of it.
     */
    public static List<PublishedPort> parse(String text) {
        String rest = text;
        Protocol protocol = Protocol.TCP;
        int slash = rest.lastIndexOf('/');
        if (slash >= 0) {
            protocol = protocol(rest.substring(slash + 1), text);
            rest = rest.substring(0, slash);
        }
        int last = rest.lastIndexOf(':');
        Range container = range(rest.substring(last + 1), text);
        String host = last < 0 ? "" : rest.substring(0, last);
        int middle = host.endsWith("]") ? host.length() : host.lastIndexOf(':');
        InetAddress address = null;
        String hostPorts = host;
        if (middle >= 0) {
            address = address(host.substring(0, middle), text);
            hostPorts = middle == host.length() ? "" : host.substring(middle + 1);
        }
        Range given = hostPorts.isEmpty() ? null : range(hostPorts, text);
        return wishes(protocol, address, given, container, text);
    }

    /** The same, at the address when it names none. */
    PublishedPort orAt(@Nullable InetAddress usual) {
        return hostAddress != null || usual == null
                ? this
                : new PublishedPort(protocol, usual, firstHostPort, lastHostPort, containerPort);
    }

    private static List<PublishedPort> wishes(
            Protocol protocol,
            @Nullable InetAddress address,
            @Nullable Range host,
            Range container,
            String text) {
        if (host != null && container.size() > 1 && host.size() != container.size()) {
            throw invalid(text, "ranges of the same length");
        }
        var wishes = new ArrayList<PublishedPort>();
        for (int i = 0; i < container.size(); i++) {
            int port = container.first + i;
            if (host == null) {
                wishes.add(new PublishedPort(protocol, address, 0, 0, port));
            } else if (container.size() == 1) {
                wishes.add(new PublishedPort(protocol, address, host.first, host.last, port));
            } else {
                int one = host.first + i;
                wishes.add(new PublishedPort(protocol, address, one, one, port));
            }
        }
        return wishes;
    }

    private record Range(int first, int last) {
        int size() {
            return last - first + 1;
        }
    }

    private static Range range(String ports, String text) {
        int dash = ports.indexOf('-');
        int first = port(dash < 0 ? ports : ports.substring(0, dash), text);
        int last = dash < 0 ? first : port(ports.substring(dash + 1), text);
        if (last < first) {
            throw invalid(text, "a range from the lower to the higher port");
        }
        return new Range(first, last);
    }

    private static int port(String number, String text) {
        try {
            int port = Integer.parseInt(number);
            if (port > 0 && port <= HIGHEST && number.charAt(0) != '+') {
                return port;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw invalid(text, "ports from 1 to " + HIGHEST);
    }

    private static Protocol protocol(String word, String text) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw invalid(text, "protocol tcp or udp");
        };
    }

    private static @Nullable InetAddress address(String word, String text) {
        if (word.isEmpty()) {
            return null;
        }
        boolean bracketed = word.startsWith("[") && word.endsWith("]");
        try {
            return Prefix.parseAddress(bracketed ? word.substring(1, word.length() - 1) : word);
        } catch (Failure.Invalid e) {
            throw invalid(text, "an address before the ports");
        }
    }

    private static Failure.Invalid invalid(String text, String want) {
        return new Failure.Invalid(
                "invalid published port \"%s\": want %s".formatted(Printable.of(text), want));
    }
}
