package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.network.Endpoint;
import dev.rung.network.HostsFile;
import dev.rung.network.Prefix;
import dev.rung.network.ResolvConf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that tell a container names: hostname, hosts, resolv.conf. */
final class NameFiles {
    private static final Path HOSTS_RESOLVER = Path.of("/etc/resolv.conf");
    private static final String HOST_GATEWAY = "host-gateway";
    private static final String HOST_NAME = "host.docker.internal";

    private NameFiles() {}

    /**
     * Where a container is.
     *
     * @param endpoints none before it has joined its networks
     * @param host an address of the host that it reaches; null when there is none
     * @param nameServer who asks those of the host that it does not reach; null: nobody
     */
    record Whereabouts(
            List<Endpoint> endpoints,
            @Nullable InetAddress host,
            @Nullable InetAddress nameServer) {
        static final Whereabouts UNKNOWN = new Whereabouts(List.of(), null, null);

        /** Its addresses. */
        String text() {
            var text = new StringBuilder();
            for (Endpoint endpoint : endpoints) {
                for (Endpoint.Address address : endpoint.addresses()) {
                    text.append(text.isEmpty() ? "" : " ");
                    text.append(address.address().getHostAddress());
                }
            }
            return text.toString();
        }
    }

    /**
     * Writes all three; those that are there already keep being the same files.
     *
     * @param links NAME:ADDRESS of what it is linked to
     */
    static void write(
            Path folder,
            String hostname,
            ContainerRecord container,
            Whereabouts where,
            List<String> links) {
        var extra = new ArrayList<>(container.host().extraHosts());
        extra.addAll(links);
        try {
            write(folder.resolve("hostname"), hostname + "\n");
            write(folder.resolve("hosts"), hosts(named(hostname, container), extra, where));
            write(folder.resolve("resolv.conf"), resolver(container, where));
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

    private static String named(String hostname, ContainerRecord container) {
        String domain = container.config().domainname();
        return domain.isEmpty() ? hostname : hostname + "." + domain;
    }

    static String hosts(String hostname, List<String> extra, Whereabouts where) {
        var lines = new ArrayList<HostsFile.Line>();
        boolean told = false;
        for (String text : extra) {
            int colon = separator(text);
            String name = text.substring(0, colon);
            told |= name.equals(HOST_NAME);
            String word = text.substring(colon + 1);
            InetAddress address = word.equals(HOST_GATEWAY) ? where.host : address(word);
            if (address != null) {
                lines.add(new HostsFile.Line(name, address));
            }
        }
        if (!told && where.host != null && !where.endpoints.isEmpty()) {
            lines.add(new HostsFile.Line(HOST_NAME, where.host));
        }
        return HostsFile.text(hostname, where.endpoints, lines);
    }

    /** Refuses what cannot stand in the files. */
    static void check(HostOptions options) {
        for (String text : options.extraHosts()) {
            String word = text.substring(separator(text) + 1);
            if (!word.equals(HOST_GATEWAY)) {
                address(word);
            }
        }
        servers(options);
    }

    private static int separator(String text) {
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        int at = equals >= 0 && (colon < 0 || equals < colon) ? equals : colon;
        if (at <= 0 || text.indexOf('\n') >= 0) {
            throw new Failure.Invalid("bad format for add-host: \"" + Printable.of(text) + "\"");
        }
        return at;
    }

    private static InetAddress address(String word) {
        boolean bracketed = word.startsWith("[") && word.endsWith("]");
        try {
            return Prefix.parseAddress(bracketed ? word.substring(1, word.length() - 1) : word);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    "invalid IP address in add-host: \"" + Printable.of(word) + "\"");
        }
    }

    /** The name servers that were asked for. */
    static List<InetAddress> servers(HostOptions options) {
        var servers = new ArrayList<InetAddress>();
        for (String text : options.dns()) {
            try {
                servers.add(Prefix.parseAddress(text));
            } catch (Failure.Invalid e) {
                throw new Failure.Invalid(Printable.of(text) + " is not an ip address");
            }
        }
        return servers;
    }

    private static String resolver(ContainerRecord container, Whereabouts where)
            throws IOException {
        HostOptions options = container.host();
        boolean asIs =
                options.dns().isEmpty()
                        && options.dnsSearch().isEmpty()
                        && options.dnsOptions().isEmpty();
        boolean hosts = options.network().kind() == NamespaceMode.Kind.HOST;
        if (hosts && asIs) {
            return Files.exists(HOSTS_RESOLVER) ? Files.readString(HOSTS_RESOLVER) : "";
        }
        boolean answered = ContainerNetworks.isAnswered(container);
        ResolvConf resolver =
                answered
                        ? ResolvConf.forUserNetwork()
                        : hosts
                                ? ResolvConf.ofHost()
                                : ResolvConf.forDefaultNetwork(where.nameServer);
        if (!options.dns().isEmpty() && !answered) {
            resolver = resolver.withServers(servers(options));
        }
        if (!options.dnsSearch().isEmpty()) {
            resolver = resolver.withSearch(options.dnsSearch());
        }
        if (!options.dnsOptions().isEmpty()) {
            resolver = resolver.withOptions(options.dnsOptions());
        }
        return resolver.text();
    }
}
