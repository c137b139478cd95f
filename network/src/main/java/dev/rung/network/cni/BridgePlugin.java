package dev.rung.network.cni;

import dev.rung.domain.Errno;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Expression;
import dev.rung.linux.Fd;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Routes;
import dev.rung.network.MacAddress;
import dev.rung.network.Prefix;
import dev.rung.network.machine.HostSettings;
import dev.rung.oci.json.JsonFields;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The plugin bridge: a link to a bridge of the host, which may be the container's gateway. */
final class BridgePlugin implements Plugins.BuiltIn {
    private static final String PART = "masquerade";
    private static final int NAME_BYTES = 4;
    private static final int INSIDE = 2; // the container's link among the result's
    private static final long NOTICE_NS = 100_000;
    private static final long LONGEST_NOTICE_NS = 2_500_000_000L;
    private static final Prefix GROUPS_V4 = Prefix.parse("224.0.0.0/4");
    private static final Prefix GROUPS_V6 = Prefix.parse("ff00::/8");

    private final CniRules rules;
    private final SecureRandom random = new SecureRandom();

    BridgePlugin(CniRules rules) {
        this.rules = rules;
    }

    @Override
    public boolean understands(JsonFields conf) {
        return BridgeConf.isPlain(conf);
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        BridgeConf conf = BridgeConf.read(request.conf());
        try (Fd namespace = Sandbox.open(request.namespace());
                NetlinkSocket host = NetlinkSocket.route()) {
            var links = new Links(host);
            Links.Link bridge = bridge(links, conf);
            String peer = pair(request, conf, links, bridge, namespace);
            try (NetlinkSocket inside = Sandbox.enter(namespace)) {
                CniResult ipam = addresses(request, conf);
                if (conf.addresses()) {
                    prepare(request, conf, namespace, ipam);
                    new LinkAddresses(inside, request.link(), conf.askNeighbours()).apply(ipam);
                    gateways(conf, host, ipam);
                    if (conf.masquerade()) {
                        rules.put(CniRules.Owner.of(request, PART), masquerade(ipam));
                    }
                } else if (!conf.withoutLink()) {
                    new Links(inside).setUp(request.link());
                }
                if (!conf.withoutLink()) {
                    awaitWorking(links, peer);
                }
                return result(request, conf, links, inside, peer, ipam);
            }
        } catch (ErrnoException e) {
            throw PluginError.of("bridge " + conf.bridge(), e);
        }
    }

    private Links.Link bridge(Links links, BridgeConf conf) throws ErrnoException, PluginError {
        try {
            links.createBridge(conf.bridge(), MacAddress.random(random).toBytes(), conf.mtu());
            // while the bridge asks whether somebody has its address, it finds no neighbours
            HostSettings.setIfThere("ipv6/conf/" + conf.bridge() + "/accept_dad", "0");
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        Links.Link bridge = links.find(conf.bridge());
        if (!bridge.kind().equals("bridge")) {
            throw new PluginError(
                    "\"%s\" already exists but is not a bridge".formatted(bridge.name()));
        }
        if (conf.promiscuous()) {
            links.setFlag(conf.bridge(), Links.PROMISCUOUS, true);
        }
        HostSettings.setIfThere("ipv6/conf/" + conf.bridge() + "/accept_ra", "0");
        links.setUp(conf.bridge());
        return bridge;
    }

    /** Makes the pair; the name of the host's end. */
    private String pair(
            Request request, BridgeConf conf, Links links, Links.Link bridge, Fd namespace)
            throws ErrnoException, PluginError {
        String mac = request.mac();
        byte[] address = mac.isEmpty() ? null : MacAddress.parse(mac).toBytes();
        var bytes = new byte[NAME_BYTES];
        random.nextBytes(bytes);
        String peer = "veth" + HexFormat.of().formatHex(bytes);
        try {
            links.createPair(
                    new Links.End(peer, null),
                    bridge.index(),
                    new Links.End(request.link(), address),
                    namespace,
                    conf.mtu());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EEXIST) {
                throw new PluginError(
                        "container veth name (\"%s\") peer provided (\"%s\") already exists"
                                .formatted(request.link(), peer));
            }
            throw e;
        }
        links.configurePort(peer, conf.hairpin(), conf.isolated());
        HostSettings.setIfThere("ipv6/conf/" + peer + "/accept_ra", "0");
        links.setUp(peer);
        return peer;
    }

    private static CniResult addresses(Request request, BridgeConf conf) throws PluginError {
        Plugin addresses = request.plugins().addresses(request.conf());
        if (addresses == null) {
            return CniResult.EMPTY;
        }
        CniResult ipam;
        try {
            ipam = addresses.add(request);
        } catch (PluginError e) {
            takeBack(addresses, request, e);
            throw e;
        }
        if (ipam.ips().isEmpty()) {
            throw new PluginError("IPAM plugin returned missing IP config");
        }
        var ips = new ArrayList<CniResult.Ip>();
        var routes = new ArrayList<>(ipam.routes());
        for (CniResult.Ip ip : ipam.ips()) {
            InetAddress gateway = ip.gateway();
            if (gateway == null && conf.gateway()) {
                gateway = ip.network().at(BigInteger.ONE);
            }
            ips.add(ip.at(INSIDE, gateway));
            boolean led =
                    routes.stream()
                            .anyMatch(route ->
                                    route.isDefault()
                                            && route.gateway() != null
                                            && route.destination().isV4() == ip.isV4());
            if (conf.defaultGateway() && !led) {
                Prefix all = Prefix.parse(ip.isV4() ? "0.0.0.0/0" : "::/0");
                routes.add(CniResult.Route.of(all, gateway));
            }
        }
        return new CniResult(List.of(), ips, routes, ipam.dns());
    }

    private static void takeBack(Plugin addresses, Request request, PluginError failure) {
        try {
            addresses.delete(request);
        } catch (PluginError e) {
            failure.addSuppressed(e);
        }
    }

    /** Settings of the link inside that must be right before it has addresses. */
    private static void prepare(Request request, BridgeConf conf, Fd namespace, CniResult ipam)
            throws ErrnoException {
        boolean v6 = ipam.ips().stream().anyMatch(ip -> !ip.isV4());
        NetworkNamespaces.<Boolean, ErrnoException>in(
                namespace,
                () -> {
                    String own = "ipv6/conf/" + request.link();
                    if (conf.askNeighbours()) {
                        HostSettings.setIfThere(own + "/enhanced_dad", "1");
                    }
                    HostSettings.setIfThere(own + "/accept_dad", conf.askNeighbours() ? "1" : "0");
                    HostSettings.setIfThere("ipv4/conf/" + request.link() + "/arp_notify", "1");
                    if (v6) {
                        HostSettings.setIfThere("ipv6/conf/lo/disable_ipv6", "0");
                        HostSettings.setIfThere(own + "/disable_ipv6", "0");
                        HostSettings.setIfThere(own + "/keep_addr_on_down", "1");
                    }
                    return true;
                });
    }

    private static void gateways(BridgeConf conf, NetlinkSocket host, CniResult ipam)
            throws ErrnoException, PluginError {
        if (!conf.gateway()) {
            return;
        }
        for (CniResult.Ip ip : ipam.ips()) {
            InetAddress gateway = ip.gateway();
            if (gateway != null) {
                gateway(conf, host, gateway, ip.length());
            }
        }
        for (boolean v4 : List.of(true, false)) {
            if (ipam.ips().stream().anyMatch(ip -> ip.isV4() == v4)) {
                HostSettings.set(v4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding", "1");
            }
        }
    }

    private static void gateway(
            BridgeConf conf, NetlinkSocket host, InetAddress gateway, int length)
            throws ErrnoException, PluginError {
        var routes = new Routes(host);
        int bridge = new Links(host).index(conf.bridge());
        var wanted = new Prefix(gateway, length);
        for (Routes.Entry entry : routes.addresses()) {
            InetAddress other = Prefix.of(entry.address());
            boolean v4 = entry.address().length == 4;
            boolean foreign =
                    entry.link() != bridge
                            || v4 != wanted.isV4()
                            || other.isLinkLocalAddress() && !v4;
            if (!foreign && other.equals(gateway) && entry.length() == length) {
                return;
            } else if (!foreign && (v4 || wanted.overlaps(new Prefix(other, entry.length())))) {
                if (!conf.force()) {
                    throw new PluginError(
                            "\"%s\" already has an IP address different from %s/%d"
                                    .formatted(conf.bridge(), IpText.of(gateway), length));
                }
                routes.deleteAddress(bridge, entry.address(), entry.length());
            }
        }
        try {
            routes.addAddress(bridge, gateway.getAddress(), length);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e; // else another container has just been first
            }
        }
    }

    private static List<CniRules.Rule> masquerade(CniResult result) {
        var all = new ArrayList<CniRules.Rule>();
        for (CniResult.Ip ip : result.ips()) {
            var expressions = new ArrayList<>(Matches.family(ip.isV4()));
            expressions.addAll(Matches.from(Matches.single(ip.address())));
            expressions.addAll(Matches.notTo(ip.network()));
            expressions.addAll(Matches.notTo(ip.isV4() ? GROUPS_V4 : GROUPS_V6));
            expressions.add(new Expression.Masquerade());
            all.add(new CniRules.Rule(CniRules.Place.SOURCES, expressions));
        }
        return all;
    }

    /** Before the kernel has seen both ends up, packets get lost. */
    private static void awaitWorking(Links links, String port) throws ErrnoException, PluginError {
        long end = System.nanoTime() + LONGEST_NOTICE_NS;
        while (!links.find(port).working()) {
            if (System.nanoTime() > end) {
                throw new PluginError("bridge port in error state: down");
            }
            LockSupport.parkNanos(NOTICE_NS);
        }
    }

    private static CniResult result(
            Request request,
            BridgeConf conf,
            Links links,
            NetlinkSocket inside,
            String peer,
            CniResult ipam)
            throws ErrnoException {
        CniResult.Dns dns = ResultJson.dns(request.conf());
        return new CniResult(
                List.of(
                        CniResult.Interface.of(conf.bridge(), mac(links.find(conf.bridge())), ""),
                        CniResult.Interface.of(peer, mac(links.find(peer)), ""),
                        CniResult.Interface.of(
                                request.link(),
                                mac(new Links(inside).find(request.link())),
                                request.namespace())),
                ipam.ips(),
                ipam.routes(),
                dns.isEmpty() ? ipam.dns() : dns);
    }

    static String mac(Links.Link link) {
        return HexFormat.ofDelimiter(":").formatHex(link.hardwareAddress());
    }

    @Override
    public void delete(Request request) throws PluginError {
        try (NetlinkSocket inside = Sandbox.enterIfThere(request.namespace())) {
            if (inside != null) {
                new Links(inside).delete(request.link());
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENODEV) {
                throw PluginError.of("delete link " + request.link(), e);
            }
        }
        Plugin addresses = request.plugins().addresses(request.conf());
        if (addresses != null) {
            addresses.delete(request);
        }
        rules.remove(CniRules.Owner.of(request, PART));
    }

    @Override
    public void check(Request request) throws PluginError {
        BridgeConf conf = BridgeConf.read(request.conf());
        Plugin addresses = request.plugins().addresses(request.conf());
        if (addresses != null) {
            addresses.check(request);
        }
        CniResult result = request.required();
        new BridgeCheck(request, conf, result).run();
        if (conf.addresses()
                && conf.masquerade()
                && rules.count(CniRules.Owner.of(request, PART)) < result.ips().size()) {
            throw new PluginError("rules that masquerade are missing");
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) throws PluginError {
        Plugin addresses = request.plugins().addresses(request.conf());
        if (addresses != null) {
            addresses.collect(request, valid);
        }
        rules.collect(request.network(), PART, valid);
    }

    @Override
    public void status(Request request) throws PluginError {
        BridgeConf.read(request.conf());
        Plugin addresses = request.plugins().addresses(request.conf());
        if (addresses != null) {
            addresses.status(request);
        }
    }

    @Override
    public void mend(Request request) throws PluginError {
        CniResult result = request.previous();
        if (result != null && BridgeConf.read(request.conf()).masquerade()) {
            rules.mend(CniRules.Owner.of(request, PART), masquerade(own(request, result)));
        }
    }

    /** The addresses of the link that this plugin made, whatever others came later. */
    private static CniResult own(Request request, CniResult result) {
        var ips = new ArrayList<CniResult.Ip>();
        for (CniResult.Ip ip : result.ips()) {
            Integer link = ip.link();
            CniResult.@Nullable Interface place =
                    link == null || link < 0 || link >= result.interfaces().size()
                            ? null
                            : result.interfaces().get(link);
            if (place == null || place.name().equals(request.link())) {
                ips.add(ip);
            }
        }
        return new CniResult(List.of(), ips, List.of(), CniResult.Dns.NONE);
    }
}
