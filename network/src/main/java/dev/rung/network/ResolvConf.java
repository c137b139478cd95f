package dev.rung.network;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What resolv.conf(5) says.
 *
 * @param servers in their order
 * @param search domains that short names are tried in; empty when there is no such line
 * @param options such as ndots:2
 */
public record ResolvConf(List<InetAddress> servers, List<String> search, List<String> options) {
    private static final Path HOST = Path.of("/etc/resolv.conf");

    /** Where systemd-resolved writes the servers that it asks itself. */
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

    /** Docker's, for a host that names nobody whom a container could ask. */
    private static final List<InetAddress> PUBLIC =
            List.of(Prefix.of(new byte[] {8, 8, 8, 8}), Prefix.of(new byte[] {8, 8, 4, 4}));

    public ResolvConf {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
        options = List.copyOf(options);
    }

    /** The host's own, empty when there is none. */
    public static ResolvConf ofHost() {
        return read(HOST);
    }

    /**
     * What a container of the default network gets: the host's, without servers on loopback
     * addresses, which it could not reach. With systemd-resolved those behind it, and without any
     * Google's, as with docker.
     *
     * @param forwarder who asks the host's, whatever their addresses are; null: nobody does
     */
    public static ResolvConf forDefaultNetwork(@Nullable InetAddress forwarder) {
        ResolvConf host = ofHost();
        boolean onlyLocal =
                !host.servers.isEmpty()
                        && host.servers.stream().allMatch(InetAddress::isLoopbackAddress);
        if (onlyLocal && forwarder != null) {
            return host.withServers(List.of(forwarder));
        }
        return (onlyLocal && Files.exists(RESOLVED) ? read(RESOLVED) : host).withoutLoopback();
    }

    /** What a container of a user network gets: its name server, which asks the host's. */
    public static ResolvConf forUserNetwork() {
        ResolvConf host = ofHost();
        return new ResolvConf(List.of(NameServers.ADDRESS), host.search, host.options).withNdots();
    }

    private ResolvConf withNdots() {
        if (!servers.equals(List.of(NameServers.ADDRESS))
                || options.stream().anyMatch(option -> option.startsWith("ndots:"))) {
            return this;
        }
        var more = new ArrayList<>(options);
        more.add("ndots:0");
        return new ResolvConf(servers, search, more);
    }

    /** The same with other servers. */
    public ResolvConf withServers(List<InetAddress> others) {
        return new ResolvConf(others, search, options);
    }

    /** The same with other domains; a single dot is for none. */
    public ResolvConf withSearch(List<String> domains) {
        return new ResolvConf(servers, domains.equals(List.of(".")) ? List.of() : domains, options);
    }

    /** The same with other options. */
    public ResolvConf withOptions(List<String> others) {
        return new ResolvConf(servers, search, others).withNdots();
    }

    /** Reads the text; what it does not understand is left out. */
    static ResolvConf parse(String text) {
        var servers = new ArrayList<InetAddress>();
        List<String> search = List.of();
        var options = new ArrayList<String>();
        for (String line : text.split("\n")) {
            String[] words = line.strip().split("\\s+");
            List<String> rest = List.of(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" -> {
                    if (!rest.isEmpty()) {
                        addServer(servers, rest.getFirst());
                    }
                }
                case "search", "domain" -> search = rest.equals(List.of(".")) ? List.of() : rest;
                case "options" -> options.addAll(rest);
                default -> {}
            }
        }
        return new ResolvConf(servers, search, options);
    }

    private static void addServer(List<InetAddress> servers, String word) {
        try {
            servers.add(Prefix.parseAddress(word));
        } catch (Failure.Invalid e) {
            // such as a link-local address with a link of the host, which means nothing elsewhere
        }
    }

    ResolvConf withoutLoopback() {
        List<InetAddress> others =
                servers.stream().filter(server -> !server.isLoopbackAddress()).toList();
        return new ResolvConf(others.isEmpty() ? PUBLIC : others, search, options);
    }

    /** As it stands in the file. */
    public String text() {
        var text = new StringBuilder();
        for (InetAddress server : servers) {
            text.append("nameserver ").append(server.getHostAddress()).append('\n');
        }
        if (!search.isEmpty()) {
            text.append("search ").append(String.join(" ", search)).append('\n');
        }
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        return text.toString();
    }

    private static ResolvConf read(Path file) {
        try {
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return new ResolvConf(List.of(), List.of(), List.of());
        }
    }
}
