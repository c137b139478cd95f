package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.network.Endpoint;
import dev.rung.network.Network;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;

/** What network inspect tells, with the names that Docker's API has for it. */
final class NetworkJson {
    private NetworkJson() {}

    static void write(JsonWriter json, NetworkList.Entry entry, Services services) {
        Network network = entry.network();
        json.beginObject().field("Name", entry.name()).field("Id", entry.id());
        json.field("Created", entry.created().toString()).field("Scope", "local");
        json.field("Driver", entry.driver());
        json.field("EnableIPv4", network == null || entry.has(true));
        json.field("EnableIPv6", entry.has(false));
        json.name("IPAM").beginObject().field("Driver", "default");
        json.name("Options").beginObject().endObject().name("Config").beginArray();
        for (Network.Subnet subnet :
                network == null ? List.<Network.Subnet>of() : network.subnets()) {
            json.beginObject().field("Subnet", subnet.prefix().toString());
            if (!subnet.range().equals(subnet.prefix())) {
                json.field("IPRange", subnet.range().toString());
            }
            json.field("Gateway", subnet.gateway().getHostAddress());
            if (subnet.router() != null) {
                boolean v4 = subnet.prefix().isV4();
                json.name("AuxiliaryAddresses").beginObject();
                json.field(
                        v4 ? "DefaultGatewayIPv4" : "DefaultGatewayIPv6",
                        subnet.router().getHostAddress());
                json.endObject();
            }
            json.endObject();
        }
        json.endArray().endObject();
        json.field("Internal", entry.internal()).field("Attachable", false);
        json.field("Ingress", false);
        json.name("ConfigFrom").beginObject().field("Network", "").endObject();
        json.field("ConfigOnly", false).name("Containers").beginObject();
        if (network != null) {
            containers(json, network, services);
        }
        json.endObject();
        texts(json, "Options", network == null ? Map.of() : network.options());
        texts(json, "Labels", entry.labels());
        json.endObject();
    }

    private static void containers(JsonWriter json, Network network, Services services) {
        var all = services.containers();
        for (Endpoint endpoint : all.connections().networks().endpoints(network.id())) {
            json.name(endpoint.container().value()).beginObject();
            json.field("Name", name(services, endpoint)).field("EndpointID", endpoint.id());
            json.field("MacAddress", endpoint.mac().toString());
            json.field("IPv4Address", address(endpoint, true));
            json.field("IPv6Address", address(endpoint, false)).endObject();
        }
    }

    private static String name(Services services, Endpoint endpoint) {
        try {
            return services.containers().get(endpoint.container().value()).record().name().value();
        } catch (Failure.NotFound e) {
            return ""; // removed meanwhile
        }
    }

    private static String address(Endpoint endpoint, boolean v4) {
        for (Endpoint.Address each : endpoint.addresses()) {
            if (each.address().getAddress().length == (v4 ? 4 : 16)) {
                return each.address().getHostAddress() + "/" + each.length();
            }
        }
        return "";
    }

    private static void texts(JsonWriter json, String name, Map<String, String> texts) {
        json.name(name).beginObject();
        texts.forEach(json::field);
        json.endObject();
    }
}
