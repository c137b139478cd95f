package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.spec.HostOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The files that tell a container names: hostname, hosts, resolv.conf. */
final class NameFiles {
    private static final String LOOPBACK =
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private NameFiles() {}

    /**
     * Writes all three.
     *
     * @param addresses of the container's own name
     */
    static void write(Path folder, String hostname, HostOptions options, List<String> addresses) {
        try {
            write(folder.resolve("hostname"), hostname + "\n");
            write(folder.resolve("hosts"), hosts(hostname, options.extraHosts(), addresses));
            Path outside = Path.of("/etc/resolv.conf");
            String resolver = Files.exists(outside) ? Files.readString(outside) : "";
            write(folder.resolve("resolv.conf"), resolver(resolver, options));
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "write the names' files in \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /** For all users of the container, whatever our own mask is. */
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    static String hosts(String hostname, List<String> extra, List<String> addresses) {
        var text = new StringBuilder(LOOPBACK);
        for (String host : extra) {
            int colon = host.indexOf(':');
            if (colon <= 0) {
                throw new Failure.Invalid(
                        "bad format for add-host: \"" + Printable.of(host) + "\"");
            }
            text.append(host.substring(colon + 1)).append('\t');
            text.append(host, 0, colon).append('\n');
        }
        for (String address : addresses) {
            text.append(address).append('\t').append(hostname).append('\n');
        }
        return text.toString();
    }

    /** The host's own, but for what is asked for otherwise. */
    static String resolver(String outside, HostOptions options) {
        if (options.dns().isEmpty()
                && options.dnsSearch().isEmpty()
                && options.dnsOptions().isEmpty()) {
            return outside;
        }
        var text = new StringBuilder();
        for (String line : outside.split("\n")) {
            boolean replaced =
                    line.startsWith("nameserver") && !options.dns().isEmpty()
                            || line.startsWith("search") && !options.dnsSearch().isEmpty()
                            || line.startsWith("options") && !options.dnsOptions().isEmpty();
            if (!replaced && !line.isBlank()) {
                text.append(line).append('\n');
            }
        }
        if (!options.dnsSearch().isEmpty() && !options.dnsSearch().equals(List.of("."))) {
            text.append("search ").append(String.join(" ", options.dnsSearch())).append('\n');
        }
        for (String server : options.dns()) {
            text.append("nameserver ").append(server).append('\n');
        }
        if (!options.dnsOptions().isEmpty()) {
            text.append("options ").append(String.join(" ", options.dnsOptions())).append('\n');
        }
        return text.toString();
    }
}
