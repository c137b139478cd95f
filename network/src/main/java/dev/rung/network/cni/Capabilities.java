package dev.rung.network.cni;

import dev.rung.network.MacAddress;
import dev.rung.network.Prefix;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNumber;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of plugins that can do it ("Dynamic Plugin specific fields" of the CNI
 * conventions): each plugin sees those that its configuration names.
 */
public final class Capabilities {
    private static final Capabilities NONE = new Capabilities(JsonObject.empty());

    private final JsonObject json;

    private Capabilities(JsonObject json) {
        this.json = json;
    }

    public static Capabilities none() {
        return NONE;
    }

    /** As they were written. */
    public static Capabilities of(JsonObject json) {
        return new Capabilities(json);
    }

    /**
     * A port of the host that leads to one of the container.
     *
     * @param protocol tcp, udp or sctp
     * @param hostAddress null for all
     */
    public record PortMapping(
            int hostPort, int containerPort, String protocol, @Nullable InetAddress hostAddress) {}

    /**
     * How fast the container may be. Rates in bits a second and bursts in bits, both or neither of
     * a direction; 0 for no limit.
     */
    public record Bandwidth(
            long ingressRate, long ingressBurst, long egressRate, long egressBurst) {}

    /**
     * Addresses to choose from.
     *
     * @param first null for the lowest of the subnet
     * @param last null for the highest of the subnet
     * @param gateway null for the first of the subnet
     */
    public record IpRange(
            Prefix subnet,
            @Nullable InetAddress first,
            @Nullable InetAddress last,
            @Nullable InetAddress gateway) {}

    /** portMappings. */
    public Capabilities withPorts(List<PortMapping> ports) {
        var all = new ArrayList<Json>();
        for (PortMapping port : ports) {
            var one =
                    JsonObject.empty()
                            .with("hostPort", JsonNumber.of(port.hostPort))
                            .with("containerPort", JsonNumber.of(port.containerPort))
                            .with("protocol", new JsonString(port.protocol));
            all.add(with(one, "hostIP", port.hostAddress));
        }
        return with("portMappings", new JsonArray(all));
    }

    /** bandwidth. */
    public Capabilities withBandwidth(Bandwidth bandwidth) {
        return with(
                "bandwidth",
                JsonObject.empty()
                        .with("ingressRate", JsonNumber.of(bandwidth.ingressRate))
                        .with("ingressBurst", JsonNumber.of(bandwidth.ingressBurst))
                        .with("egressRate", JsonNumber.of(bandwidth.egressRate))
                        .with("egressBurst", JsonNumber.of(bandwidth.egressBurst)));
    }

    /** ips: addresses that it must have. */
    public Capabilities withIps(List<InetAddress> ips) {
        return with("ips", new JsonArray(ResultJson.texts(ips.stream().map(IpText::of).toList())));
    }

    /** mac. */
    public Capabilities withMac(MacAddress mac) {
        return with("mac", new JsonString(mac.toString()));
    }

    /** ipRanges: sets of ranges; the container gets an address of each set. */
    public Capabilities withIpRanges(List<List<IpRange>> sets) {
        var all = new ArrayList<Json>();
        for (List<IpRange> set : sets) {
            all.add(new JsonArray(set.stream().<Json>map(Capabilities::json).toList()));
        }
        return with("ipRanges", new JsonArray(all));
    }

    private static JsonObject json(IpRange range) {
        Prefix subnet = range.subnet;
        String text = IpText.of(subnet.base()) + "/" + subnet.length();
        JsonObject json = JsonObject.empty().with("subnet", new JsonString(text));
        json = with(json, "rangeStart", range.first);
        json = with(json, "rangeEnd", range.last);
        return with(json, "gateway", range.gateway);
    }

    private static JsonObject with(JsonObject json, String name, @Nullable InetAddress address) {
        return address == null ? json : json.with(name, new JsonString(IpText.of(address)));
    }

    /** dns: what the container's resolver is to ask. */
    public Capabilities withDns(List<String> servers, List<String> searches, List<String> options) {
        return with(
                "dns",
                JsonObject.empty()
                        .with("servers", new JsonArray(ResultJson.texts(servers)))
                        .with("searches", new JsonArray(ResultJson.texts(searches)))
                        .with("options", new JsonArray(ResultJson.texts(options))));
    }

    /** Any other, such as aliases, cgroupPath or io.kubernetes.cri.pod-annotations. */
    public Capabilities with(String name, Json value) {
        return new Capabilities(json.with(name, value));
    }

    /** All that is asked for. */
    public JsonObject json() {
        return json;
    }

    /** Those that a plugin's configuration names. */
    JsonObject of(Set<String> names) {
        JsonObject some = JsonObject.empty();
        for (String name : names) {
            Json value = json.get(name);
            if (value != null) {
                some = some.with(name, value);
            }
        }
        return some;
    }

    /** Reads portMappings; Invalid for ports that are none. */
    static List<PortMapping> ports(JsonFields runtimeConfig) {
        var ports = new ArrayList<PortMapping>();
        for (JsonFields port : runtimeConfig.objects("portMappings")) {
            String host = port.optionalText("hostIP");
            String protocol = port.optionalText("protocol");
            ports.add(
                    new PortMapping(
                            (int) port.integer("hostPort", 1, 65_535),
                            (int) port.integer("containerPort", 1, 65_535),
                            protocol == null ? "tcp" : protocol,
                            host == null ? null : Prefix.parseAddress(host)));
        }
        return ports;
    }
}
