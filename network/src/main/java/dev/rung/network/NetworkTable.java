package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.Links;
import dev.rung.network.StateFolder.Content;
import dev.rung.network.machine.HostSettings;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which networks there are, in memory and on disk, and what new ones look like. */
final class NetworkTable {
    private static final int ID_BYTES = 32;
    private static final int LINK_DIGITS = 12; // br- and these, as docker's
    private static final int IPV6_LEAST_MTU = 1280;
    private static final int IPV4_LEAST_MTU = 68;
    private static final int MOST_MTU = 65535;

    private final StateFolder folder;
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private final String boot;
    private final SecureRandom random;
    private final Clock clock;
    private final NetworkDefaults defaults;
    private final Bridges bridges;
    private List<String> guarded;

    NetworkTable(
            StateFolder folder,
            @Nullable Content content,
            String boot,
            SecureRandom random,
            Clock clock,
            Bridges bridges,
            NetworkDefaults defaults) {
        this.bridges = bridges;
        this.folder = folder;
        this.boot = boot;
        this.random = random;
        this.clock = clock;
        this.defaults = defaults;
        boolean sameBoot = content != null && content.boot().equals(boot);
        this.guarded = content != null && sameBoot ? content.guarded() : List.of();
        if (content != null) {
            content.networks().forEach(network -> networks.put(network.id(), network));
            if (!sameBoot) {
                save();
            }
        }
    }

    Collection<Network> all() {
        return Collections.unmodifiableCollection(networks.values());
    }

    /** The links between which the host must go on forwarding nothing. */
    List<String> guarded() {
        return guarded;
    }

    @Nullable Network named(String name) {
        for (Network network : networks.values()) {
            if (network.name().equals(name)) {
                return network;
            }
        }
        return null;
    }

    /** By name, id, or the beginning of an id; NotFound, and Invalid when several begin like it. */
    Network find(String nameOrId) {
        Network found = named(nameOrId);
        if (found != null) {
            return found;
        }
        for (Network network : networks.values()) {
            if (!nameOrId.isEmpty() && network.id().startsWith(nameOrId)) {
                if (found != null) {
                    throw new Failure.Invalid(
                            "network %s is ambiguous: several ids begin like it"
                                    .formatted(Printable.of(nameOrId)));
                }
                found = network;
            }
        }
        if (found == null) {
            throw new Failure.NotFound("network %s not found".formatted(Printable.of(nameOrId)));
        }
        return found;
    }

    /** A network as asked for, with all that was left open chosen. */
    Network choose(NetworkSpec spec) {
        var bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        String bridge = spec.bridge();
        if (bridge == null) {
            bridge = "br-" + id.substring(0, LINK_DIGITS);
        }
        checkLink(bridge);
        List<Network.Subnet> subnets = subnets(spec);
        if (spec.name().equals(Networks.DEFAULT)) {
            subnets.replaceAll(defaults::routed);
        }
        boolean v6 = subnets.stream().anyMatch(subnet -> !subnet.prefix().isV4());
        int mtu = spec.mtu() == 0 ? bridges.usualMtu() : spec.mtu();
        if (mtu < (v6 ? IPV6_LEAST_MTU : IPV4_LEAST_MTU) || mtu > MOST_MTU) {
            throw new Failure.Invalid(
                    "invalid mtu %d: want %d to %d"
                            .formatted(mtu, v6 ? IPV6_LEAST_MTU : IPV4_LEAST_MTU, MOST_MTU));
        }
        return new Network(
                id,
                Network.checkedName(spec.name()),
                bridge,
                subnets,
                spec.internal(),
                mtu,
                spec.talkative(),
                spec.masquerade(),
                spec.labels(),
                spec.options(),
                clock.instant());
    }

    private void checkLink(String name) {
        boolean right = !name.isEmpty() && name.length() <= Links.LONGEST_NAME;
        for (int i = 0; right && i < name.length(); i++) {
            char c = name.charAt(i);
            right = c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%';
        }
        if (!right || name.equals(".") || name.equals("..")) {
            throw new Failure.Invalid(
                    "invalid name of a bridge \"%s\": want 1 to %d characters without blank, / and :"
                            .formatted(Printable.of(name), Links.LONGEST_NAME));
        }
        for (Network network : networks.values()) {
            if (network.bridge().equals(name)) {
                throw new Failure.AlreadyExists(
                        "bridge %s is that of network %s".formatted(name, network.name()));
            }
        }
    }

    private List<Network.Subnet> subnets(NetworkSpec spec) {
        var own = new ArrayList<Prefix>();
        for (Network network : networks.values()) {
            network.subnets().forEach(subnet -> own.add(subnet.prefix()));
        }
        var subnets = new ArrayList<Network.Subnet>();
        for (NetworkSpec.Subnet wish : spec.subnets()) {
            if (!AddressPools.isFree(wish.prefix(), own)) {
                throw new Failure.AlreadyExists(
                        "Pool overlaps with other one on this address space: " + wish.prefix());
            } else if (has(subnets, wish.prefix().isV4())) {
                throw new Failure.Invalid(
                        "invalid subnets of network \"%s\": want at most one of each family"
                                .formatted(Printable.of(spec.name())));
            }
            Prefix range = wish.range() == null ? wish.prefix() : wish.range();
            subnets.add(
                    subnet(wish.prefix(), range, wish.gateway()).withAuxiliary(wish.auxiliary()));
        }
        if (!has(subnets, true) || spec.ipv6() && !has(subnets, false)) {
            var used = new ArrayList<>(own);
            used.addAll(bridges.usedPrefixes());
            if (!has(subnets, true)) {
                reserveForDefault(spec, used);
                Prefix prefix = AddressPools.next(defaults.pools(true), used);
                subnets.addFirst(subnet(prefix, prefix, null));
            }
            if (spec.ipv6() && !has(subnets, false)) {
                List<NetworkDefaults.Pool> pools = defaults.pools(false);
                Prefix prefix =
                        pools.isEmpty()
                                ? AddressPools.ipv6(used, random)
                                : AddressPools.next(pools, used);
                subnets.add(subnet(prefix, prefix, null));
            }
        }
        return subnets;
    }

    /** The default network, which is made when somebody needs it, finds its subnet still free. */
    private void reserveForDefault(NetworkSpec spec, List<Prefix> used) {
        if (spec.name().equals(Networks.DEFAULT) || named(Networks.DEFAULT) != null) {
            return;
        }
        defaults.bridge().subnets().forEach(subnet -> used.add(subnet.prefix()));
        if (defaults.bridge().subnets().stream().noneMatch(subnet -> subnet.prefix().isV4())) {
            used.add(AddressPools.next(defaults.pools(true), used));
        }
    }

    private static Network.Subnet subnet(
            Prefix prefix, Prefix range, @Nullable InetAddress gateway) {
        return new Network.Subnet(
                prefix, range, gateway == null ? prefix.at(BigInteger.ONE) : gateway);
    }

    private static boolean has(List<Network.Subnet> subnets, boolean v4) {
        return subnets.stream().anyMatch(subnet -> subnet.prefix().isV4() == v4);
    }

    /** On disk when this returns. */
    void add(Network network) {
        networks.put(network.id(), network);
        save();
    }

    /** The same. */
    void remove(Network network) {
        networks.remove(network.id());
        save();
    }

    /** Lets the host forward packets where the network needs it. */
    void prepareHost(Network network) {
        if (network.internal() || !defaults.forwarding()) {
            return;
        }
        if (network.subnet(true) != null && !HostSettings.isOn("ipv4/ip_forward")) {
            var own = all().stream().map(Network::bridge).toList();
            guarded = bridges.linkNames().stream().filter(link -> !own.contains(link)).toList();
            save();
            HostSettings.set("ipv4/ip_forward", "1");
        }
        if (network.subnet(false) != null) {
            HostSettings.forwardIpv6();
        }
    }

    private void save() {
        folder.write(new Content(boot, guarded, List.copyOf(networks.values())));
    }
}
