package dev.rung.network.cni;

import dev.rung.linux.Connections;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.Routes;
import dev.rung.network.Prefix;
import dev.rung.network.machine.HostSettings;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plugin portmap: ports of the host that lead to the container, by packet rules. */
final class PortmapPlugin implements Plugins.BuiltIn {
    private static final String PART = "ports";
    private static final int UDP = 17;
    private static final Prefix LOOPBACK = Prefix.parse("127.0.0.1/32");

    private final CniRules rules;

    PortmapPlugin(CniRules rules) {
        this.rules = rules;
    }

    /** Chains and conditions of iptables, and conditions in nft's words, are the program's. */
    @Override
    public boolean understands(JsonFields conf) {
        return !conf.has("externalSetMarkChain")
                && !hasConditions(conf, "conditionsV4")
                && !hasConditions(conf, "conditionsV6")
                && !ResultJson.text(conf, "backend").equals("iptables");
    }

    private static boolean hasConditions(JsonFields conf, String name) {
        return conf.json().get(name) instanceof JsonArray conditions
                && !conditions.values().isEmpty()
                && !conditions.values().getFirst().equals(new JsonString(""));
    }

    private static List<Capabilities.PortMapping> ports(Request request) {
        JsonFields runtime = request.runtimeConfig();
        return runtime == null ? List.of() : Capabilities.ports(runtime);
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        CniResult previous = request.required();
        List<Capabilities.PortMapping> ports = ports(request);
        if (!ports.isEmpty()) {
            rules.put(CniRules.Owner.of(request, PART), all(request, previous, ports));
            letLoopbackLeave(request, previous);
            forgetFlows(ports);
        }
        return previous;
    }

    private static List<CniRules.Rule> all(
            Request request, CniResult result, List<Capabilities.PortMapping> ports)
            throws PluginError {
        var all = new ArrayList<CniRules.Rule>();
        for (boolean v4 : List.of(true, false)) {
            CniResult.Ip target = target(request, result, v4);
            if (target != null) {
                all.addAll(rules(request, target, ports));
            }
        }
        return all;
    }

    private static void letLoopbackLeave(Request request, CniResult result) throws PluginError {
        CniResult.Ip target = target(request, result, true);
        if (target != null && changesSources(request)) {
            letLoopbackLeave(target.address());
        }
    }

    private static boolean changesSources(Request request) {
        Boolean snat = request.conf().optionalFlag("snat");
        return snat == null || snat;
    }

    /** The container's first address of that family; null without. */
    private static CniResult.@Nullable Ip target(Request request, CniResult result, boolean v4) {
        for (CniResult.Ip ip : result.ips()) {
            Integer place = ip.link();
            boolean known = place != null && place >= 0 && place < result.interfaces().size();
            CniResult.Interface link =
                    place != null && known ? result.interfaces().get(place) : null;
            boolean own =
                    link == null || link.name().equals(request.link()) && !link.sandbox().isEmpty();
            if (ip.isV4() == v4 && own) {
                return ip;
            }
        }
        return null;
    }

    private static List<CniRules.Rule> rules(
            Request request, CniResult.Ip target, List<Capabilities.PortMapping> ports)
            throws PluginError {
        var all = new ArrayList<CniRules.Rule>();
        for (Capabilities.PortMapping port : ports) {
            InetAddress host = port.hostAddress();
            if (host != null && host.getAddress().length == 4 != target.isV4()) {
                continue;
            }
            var expressions = new ArrayList<>(Matches.family(target.isV4()));
            if (host != null && !host.isAnyLocalAddress()) {
                expressions.addAll(Matches.to(Matches.single(host)));
            }
            expressions.addAll(Matches.port(number(port.protocol()), port.hostPort()));
            expressions.addAll(Matches.redirect(target.address(), port.containerPort()));
            all.add(new CniRules.Rule(CniRules.Place.HOST_PORTS, expressions));
        }
        if (!all.isEmpty() && changesSources(request)) {
            all.addAll(sources(request, target));
        }
        return all;
    }

    /** Answers to the host itself, and to neighbours on the bridge, must come back this way. */
    private static List<CniRules.Rule> sources(Request request, CniResult.Ip target) {
        var all = new ArrayList<CniRules.Rule>();
        boolean every = request.conf().flag("masqAll");
        var sources = new ArrayList<@Nullable Prefix>();
        sources.add(every ? null : target.network());
        if (target.isV4() && !every) {
            sources.add(LOOPBACK);
        }
        for (Prefix source : sources) {
            var expressions = new ArrayList<>(Matches.family(target.isV4()));
            if (source != null) {
                expressions.addAll(Matches.from(source));
            }
            expressions.addAll(Matches.to(Matches.single(target.address())));
            expressions.addAll(Matches.changed());
            expressions.add(new Expression.Masquerade());
            all.add(new CniRules.Rule(CniRules.Place.SOURCES, expressions));
        }
        return all;
    }

    private static int number(String protocol) throws PluginError {
        return switch (protocol.toLowerCase(Locale.ROOT)) {
            case "tcp" -> 6;
            case "udp" -> UDP;
            case "sctp" -> 132;
            default ->
                    throw new PluginError(
                            PluginError.INVALID_CONFIGURATION,
                            "unknown protocol \"%s\" of a port mapping".formatted(protocol),
                            "");
        };
    }

    /** What comes from 127.0.0.1 may be sent out through the link that leads to the container. */
    private static void letLoopbackLeave(InetAddress address) throws PluginError {
        try (NetlinkSocket host = NetlinkSocket.route()) {
            Routes.Entry best = null;
            for (Routes.Entry route : new Routes(host).list()) {
                boolean leads =
                        route.address().length == 4
                                && route.link() > 0
                                && new Prefix(Prefix.of(route.address()), route.length())
                                        .contains(address);
                if (leads && (best == null || route.length() > best.length())) {
                    best = route;
                }
            }
            if (best != null) {
                String link = new Links(host).find(best.link()).name();
                HostSettings.setIfThere("ipv4/conf/" + link + "/route_localnet", "1");
            }
        } catch (ErrnoException e) {
            throw PluginError.of("unable to enable route_localnet", e);
        }
    }

    private static void forgetFlows(List<Capabilities.PortMapping> ports) throws PluginError {
        Set<Integer> udp =
                ports.stream()
                        .filter(port -> port.protocol().equalsIgnoreCase("udp"))
                        .map(Capabilities.PortMapping::hostPort)
                        .collect(Collectors.toSet());
        if (udp.isEmpty()) {
            return;
        }
        try (NetlinkSocket socket = NetlinkSocket.netfilter()) {
            new Connections(socket).forgetUdp(udp);
        } catch (ErrnoException e) {
            throw PluginError.of("forget UDP flows", e);
        }
    }

    @Override
    public void delete(Request request) throws PluginError {
        rules.remove(CniRules.Owner.of(request, PART));
    }

    @Override
    public void check(Request request) throws PluginError {
        CniResult result = request.required();
        List<Capabilities.PortMapping> ports = ports(request);
        int wanted = ports.isEmpty() ? 0 : all(request, result, ports).size();
        if (rules.count(CniRules.Owner.of(request, PART)) < wanted) {
            throw new PluginError("could not check dnat: rules of ports are missing");
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) throws PluginError {
        rules.collect(request.network(), PART, valid);
    }

    @Override
    public void status(Request request) {
        // always ready
    }

    @Override
    public void mend(Request request) throws PluginError {
        List<Capabilities.PortMapping> ports = ports(request);
        CniResult result = request.previous();
        if (result != null && !ports.isEmpty()) {
            rules.mend(CniRules.Owner.of(request, PART), all(request, result, ports));
        }
    }
}
