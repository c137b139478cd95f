package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.engine.spec.PublishedPort;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** The options of run and create that are about networks. */
final class NetworkOptions {
    private final Invocation call;

    NetworkOptions(Invocation call) {
        this.call = call;
    }

    static List<OptionSpec> all() {
        return List.of(
                Switch.texts(
                        "--add-host", "list", "Add a host-to-IP mapping (host:ip|host-gateway)"),
                Switch.texts("--dns", "list", "Set custom DNS servers"),
                Switch.texts("--dns-option", "list", "Set DNS options"),
                Switch.texts("--dns-search", "list", "Set custom DNS search domains"),
                Switch.texts("--expose", "list", "Expose a port or a range of ports"),
                Switch.text("--ip", "ip", "IPv4 address (e.g., 172.30.100.104)"),
                Switch.text("--ip6", "ip", "IPv6 address (e.g., 2001:db8::33)"),
                Switch.text("--mac-address", "string", "Container MAC address"),
                Switch.texts(
                        "--network --net", "network", "A network, none, host or container:NAME"),
                Switch.texts("--network-alias --net-alias", "list", "Add network-scoped alias"),
                Switch.texts("-p --publish", "list", "Publish a container's port to the host"),
                Switch.flag("-P --publish-all", "Publish all exposed ports to random ports"));
    }

    /** The first network, or what there is instead of one. */
    NamespaceMode mode() {
        List<String> given = call.texts("--network");
        return NamespaceMode.parse(given.isEmpty() ? "" : parse(given.getFirst()).network());
    }

    /** All networks that are asked for; none where nothing but the mode says anything. */
    List<NetworkWish> wishes() {
        var wishes = new ArrayList<NetworkWish>();
        for (String text : call.texts("--network")) {
            wishes.add(parse(text));
        }
        NamespaceMode.Kind kind = mode().kind();
        boolean joins = kind == NamespaceMode.Kind.DEFAULT || kind == NamespaceMode.Kind.NETWORK;
        boolean wishful =
                call.has("--network-alias")
                        || call.has("--ip")
                        || call.has("--ip6")
                        || call.has("--mac-address");
        if (!joins) {
            refuse(kind, wishes.size() > 1, wishful);
            return List.of();
        } else if (wishes.isEmpty()) {
            wishes.add(NetworkWish.of("bridge"));
        }
        if (wishful) {
            wishes.set(0, withOptions(wishes.getFirst()));
        }
        for (int i = 0; i < wishes.size(); i++) {
            String name = wishes.get(i).network();
            if (name.equals("default")) {
                wishes.set(i, wishes.get(i).in("bridge"));
            } else if (i > 0 && NamespaceMode.parse(name).kind() != NamespaceMode.Kind.NETWORK) {
                refuse(NamespaceMode.parse(name).kind(), true, false);
            }
        }
        return List.copyOf(wishes);
    }

    private static void refuse(NamespaceMode.Kind kind, boolean several, boolean wishful) {
        if (several) {
            throw new Failure.Invalid(
                    "conflicting options: cannot attach both user-defined and non-user-defined"
                            + " network-modes");
        } else if (wishful && kind == NamespaceMode.Kind.CONTAINER) {
            throw new Failure.Invalid("conflicting options: mac-address and the network mode");
        } else if (wishful) {
            throw new Failure.Invalid(
                    "conflicting options: addresses and aliases are only for containers in"
                            + " networks of their own");
        }
    }

    private NetworkWish withOptions(NetworkWish wish) {
        var aliases = new ArrayList<>(wish.aliases());
        aliases.addAll(call.texts("--network-alias"));
        return new NetworkWish(
                wish.network(),
                aliases,
                wish.links(),
                one("--ip", wish.ipv4()),
                one("--ip6", wish.ipv6()),
                one("--mac-address", wish.mac()),
                wish.priority());
    }

    private String one(String option, String field) {
        if (call.has(option) && !field.isEmpty()) {
            throw new Failure.Invalid(
                    "conflicting options: cannot specify both "
                            + option
                            + " and per-network "
                            + option.substring(2));
        }
        return call.has(option) ? call.text(option) : field;
    }

    /** NAME, or name=NAME with alias=, ip=, ip6=, mac-address= and gw-priority= after commas. */
    private static NetworkWish parse(String text) {
        if (text.indexOf('=') < 0) {
            return NetworkWish.of(text);
        }
        String name = "";
        var aliases = new ArrayList<String>();
        String ipv4 = "";
        String ipv6 = "";
        String mac = "";
        int priority = 0;
        for (String field : text.split(",")) {
            int equals = field.indexOf('=');
            String value = field.substring(equals + 1).strip();
            switch (equals < 0 ? "" : field.substring(0, equals).strip()) {
                case "name" -> name = value;
                case "alias" -> aliases.add(value);
                case "ip" -> ipv4 = value;
                case "ip6" -> ipv6 = value;
                case "mac-address" -> mac = value;
                case "gw-priority" -> priority = number(value);
                default ->
                        throw new UsageError(
                                "invalid argument \""
                                        + Printable.of(text)
                                        + "\" for \"--network\" flag: invalid field "
                                        + Printable.of(field));
            }
        }
        if (name.isEmpty()) {
            throw new UsageError(
                    "invalid argument \""
                            + Printable.of(text)
                            + "\" for \"--network\" flag: network name/id is not specified");
        }
        return new NetworkWish(name, aliases, List.of(), ipv4, ipv6, mac, priority);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageError("invalid gw-priority: " + Printable.of(text));
        }
    }

    List<PublishedPort> ports() {
        var ports = new ArrayList<PublishedPort>();
        for (String text : call.texts("--publish")) {
            ports.addAll(PublishedPort.parse(text));
        }
        return List.copyOf(ports);
    }

    /** Those of --expose and the published ones, such as 80/tcp. */
    List<String> exposed() {
        var exposed = new LinkedHashSet<String>();
        for (String text : call.texts("--expose")) {
            if (text.indexOf(':') >= 0) {
                throw new UsageError("invalid port format for --expose: " + Printable.of(text));
            }
            PublishedPort.parse(text).forEach(port -> exposed.add(port.port()));
        }
        ports().forEach(port -> exposed.add(port.port()));
        return List.copyOf(exposed);
    }
}
