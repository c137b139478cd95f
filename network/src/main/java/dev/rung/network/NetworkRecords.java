package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Networks and endpoints as JSON, as they lie on disk (docs/networks.md). */
final class NetworkRecords {
    private static final int HIGHEST_PORT = 65535;

    private NetworkRecords() {}

    static void write(JsonWriter writer, Network network) {
        writer.beginObject();
        writer.field("id", network.id()).field("name", network.name());
        writer.field("bridge", network.bridge());
        writer.name("subnets").beginArray();
        for (Network.Subnet subnet : network.subnets()) {
            writer.beginObject();
            writer.field("prefix", subnet.prefix().toString());
            writer.field("range", subnet.range().toString());
            writer.field("gateway", subnet.gateway().getHostAddress());
            writer.optional("router", text(subnet.router()));
            if (!subnet.reserved().isEmpty()) {
                writer.name("reserved").beginObject();
                subnet.reserved()
                        .forEach((name, address) -> writer.field(name, address.getHostAddress()));
                writer.endObject();
            }
            writer.endObject();
        }
        writer.endArray();
        writer.field("internal", network.internal()).field("mtu", network.mtu());
        writer.field("talkative", network.talkative());
        writer.field("masquerade", network.masquerade());
        writer.optional("labels", network.labels());
        writer.optional("options", network.options());
        writer.field("created", network.created().toString());
        writer.endObject();
    }

    static Network network(JsonFields fields) {
        var subnets = new ArrayList<Network.Subnet>();
        for (JsonFields subnet : fields.objects("subnets")) {
            subnets.add(
                    new Network.Subnet(
                            Prefix.parse(subnet.text("prefix")),
                            Prefix.parse(subnet.text("range")),
                            Prefix.parseAddress(subnet.text("gateway")),
                            optionalAddress(subnet, "router"),
                            addresses(subnet.freeTexts("reserved"))));
        }
        Instant created;
        try {
            created = Instant.parse(fields.text("created"));
        } catch (DateTimeParseException e) {
            throw fields.invalid("created", "want a time such as 2026-01-02T03:04:05Z");
        }
        return new Network(
                fields.text("id"),
                fields.text("name"),
                fields.text("bridge"),
                subnets,
                fields.flag("internal"),
                (int) fields.integer("mtu", 0, HIGHEST_PORT),
                fields.flag("talkative"),
                fields.flag("masquerade"),
                fields.freeTexts("labels"),
                fields.freeTexts("options"),
                created);
    }

    static void write(JsonWriter writer, Endpoint endpoint) {
        writer.beginObject();
        writer.field("network", endpoint.networkId());
        writer.field("container", endpoint.container().value());
        writer.field("link", endpoint.link()).field("hostLink", endpoint.hostLink());
        writer.field("mac", endpoint.mac().toString());
        writer.name("addresses").beginArray();
        for (Endpoint.Address address : endpoint.addresses()) {
            writer.beginObject();
            writer.field("address", address.address().getHostAddress());
            writer.field("length", address.length());
            writer.optional("gateway", text(address.gateway()));
            writer.endObject();
        }
        writer.endArray();
        writer.field("names", endpoint.names());
        if (!endpoint.links().isEmpty()) {
            writer.name("links").beginObject();
            endpoint.links().forEach(writer::field);
            writer.endObject();
        }
        writer.name("ports").beginArray();
        for (PortBinding port : endpoint.ports()) {
            writer.beginObject();
            writer.field("protocol", port.protocol().toString());
            writer.optional("hostAddress", text(port.hostAddress()));
            writer.field("hostPort", port.hostPort());
            writer.field("containerPort", port.containerPort());
            writer.endObject();
        }
        writer.endArray();
        writer.endObject();
    }

    static Endpoint endpoint(JsonFields fields) {
        var addresses = new ArrayList<Endpoint.Address>();
        for (JsonFields address : fields.objects("addresses")) {
            addresses.add(
                    new Endpoint.Address(
                            Prefix.parseAddress(address.text("address")),
                            (int) address.integer("length", 0, 128),
                            optionalAddress(address, "gateway")));
        }
        return new Endpoint(
                fields.text("network"),
                new ContainerId(fields.text("container")),
                fields.text("link"),
                fields.text("hostLink"),
                MacAddress.parse(fields.text("mac")),
                addresses,
                fields.texts("names"),
                fields.textMap("links"),
                ports(fields.objects("ports")));
    }

    private static List<PortBinding> ports(List<JsonFields> all) {
        var ports = new ArrayList<PortBinding>();
        for (JsonFields port : all) {
            ports.add(
                    new PortBinding(
                            switch (port.text("protocol")) {
                                case "tcp" -> Protocol.TCP;
                                case "udp" -> Protocol.UDP;
                                default -> throw port.invalid("protocol", "want tcp or udp");
                            },
                            optionalAddress(port, "hostAddress"),
                            (int) port.integer("hostPort", 1, HIGHEST_PORT),
                            (int) port.integer("containerPort", 1, HIGHEST_PORT)));
        }
        return ports;
    }

    private static Map<String, InetAddress> addresses(Map<String, String> texts) {
        var addresses = new HashMap<String, InetAddress>();
        texts.forEach((name, text) -> addresses.put(name, Prefix.parseAddress(text)));
        return addresses;
    }

    private static @Nullable InetAddress optionalAddress(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? null : Prefix.parseAddress(text);
    }

    private static @Nullable String text(@Nullable InetAddress address) {
        return address == null ? null : address.getHostAddress();
    }
}
