package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where and how lines go to a syslog server.
 *
 * @param facility times eight, as a priority has it
 * @param authorities a file of certificates in PEM that are trusted besides the host's; empty: none
 * @param certificate and key show who we are; empty: nothing does
 * @param skipVerify takes any certificate for any name
 */
public record SyslogOptions(
        Address address,
        int facility,
        Format format,
        String authorities,
        String certificate,
        String key,
        boolean skipVerify) {
    static final Set<String> NAMES =
            Set.of(
                    "syslog-address",
                    "syslog-facility",
                    "syslog-tls-ca-cert",
                    "syslog-tls-cert",
                    "syslog-tls-key",
                    "syslog-tls-skip-verify",
                    "syslog-format");

    private static final int DEFAULT_PORT = 514;
    private static final int DAEMON = 3;
    private static final int MOST_FACILITIES = 24;

    /** By their numbers; those from 12 to 15 have no name here. */
    private static final List<String> FACILITIES =
            List.of(
                    "kern",
                    "user",
                    "mail",
                    "daemon",
                    "auth",
                    "syslog",
                    "lpr",
                    "news",
                    "uucp",
                    "cron",
                    "authpriv",
                    "ftp",
                    "12",
                    "13",
                    "14",
                    "15",
                    "local0",
                    "local1",
                    "local2",
                    "local3",
                    "local4",
                    "local5",
                    "local6",
                    "local7");

    /** How a message looks. */
    public enum Format {
        /** RFC 3164 without the name of a host, which is what Docker uses unless asked. */
        PLAIN(""),
        RFC3164("rfc3164"),
        RFC5424("rfc5424"),
        /** With microseconds. */
        RFC5424_MICRO("rfc5424micro");

        private final String name;

        Format(String name) {
            this.name = name;
        }

        private static Format parse(String text) {
            for (Format format : values()) {
                if (format.name.equals(text)) {
                    return format;
                }
            }
            throw new Failure.Invalid("Invalid syslog format");
        }
    }

    /** Where the server is. */
    public sealed interface Address {
        /** One of the usual sockets of this machine. */
        record Local() implements Address {}

        /**
         * A socket of this machine.
         *
         * @param datagrams whether it is one of type SOCK_DGRAM
         */
        record Socket(boolean datagrams, String path) implements Address {}

        /**
         * A server.
         *
         * @param scheme udp, tcp or tcp+tls
         */
        record Server(String scheme, String host, int port) implements Address {}
    }

    /** Invalid, in Docker's words, when a value is none that its option takes. */
    public static SyslogOptions read(Map<String, String> options) {
        return new SyslogOptions(
                address(options.getOrDefault("syslog-address", "")),
                facility(options.getOrDefault("syslog-facility", "")) << 3,
                Format.parse(options.getOrDefault("syslog-format", "")),
                options.getOrDefault("syslog-tls-ca-cert", ""),
                options.getOrDefault("syslog-tls-cert", ""),
                options.getOrDefault("syslog-tls-key", ""),
                options.containsKey("syslog-tls-skip-verify"));
    }

    /** Invalid when it is to be a socket that is not there now. */
    void checkSocket() {
        if (address instanceof Address.Socket(boolean _, String path)
                && !Files.exists(Path.of(path))) {
            throw new Failure.Invalid("stat " + Printable.of(path) + ": no such file or directory");
        }
    }

    private static Address address(String text) {
        if (text.isEmpty()) {
            return new Address.Local();
        }
        int end = text.indexOf(':');
        String scheme = end < 0 ? "" : text.substring(0, end);
        if (end > 0 && !scheme.matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            throw new Failure.Invalid(
                    "parse \""
                            + Printable.of(text)
                            + "\": first path segment in URL cannot contain colon");
        }
        return switch (scheme) {
            case "unix", "unixgram" -> new Address.Socket(scheme.equals("unixgram"), path(text));
            case "udp", "tcp", "tcp+tls" -> server(scheme, text);
            default ->
                    throw new Failure.Invalid("unsupported scheme: '" + Printable.of(scheme) + "'");
        };
    }

    private static String path(String text) {
        String path = uri(text).getPath();
        if (path == null || path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new Failure.Invalid("stat : no such file or directory");
        }
        return path;
    }

    private static Address server(String scheme, String text) {
        String authority = uri(text).getRawAuthority();
        String place = authority == null ? "" : authority.substring(authority.indexOf('@') + 1);
        int port = DEFAULT_PORT;
        int colon = place.lastIndexOf(':');
        String host = place;
        if (colon > place.indexOf(']')) {
            host = place.substring(0, colon);
            port = port(place, place.substring(colon + 1));
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new Failure.Invalid(
                    "address " + Printable.of(place) + ": too many colons in address");
        }
        return new Address.Server(scheme, host.isEmpty() ? "localhost" : host, port);
    }

    private static int port(String place, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 1 << 16) {
                return port;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("address " + Printable.of(place) + ": invalid port");
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new Failure.Invalid("parse \"" + Printable.of(text) + "\": " + e.getReason());
        }
    }

    private static int facility(String text) {
        if (text.isEmpty()) {
            return DAEMON;
        }
        int named = FACILITIES.indexOf(text);
        try {
            int number = named >= 0 ? named : Integer.parseInt(text);
            if (number >= 0 && number < MOST_FACILITIES) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid syslog facility");
    }
}
