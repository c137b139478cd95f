package dev.rung.cli;

import dev.rung.network.Endpoint;
import dev.rung.network.PortBinding;
import dev.rung.oci.json.JsonWriter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Published ports and networks, as docker shows them. */
final class Ports {
    private Ports() {}

    /** Such as: 0.0.0.0:8080->80/tcp, 127.0.0.1:53->53/udp. */
    static String text(List<Endpoint> endpoints) {
        var texts = new ArrayList<String>();
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                texts.add(host(port.hostAddress()) + ":" + port.hostPort() + "->" + inner(port));
            }
        }
        return String.join(", ", texts);
    }

    private static String host(@Nullable InetAddress address) {
        String text = address == null ? "0.0.0.0" : address.getHostAddress();
        return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
    }

    private static String inner(PortBinding port) {
        return port.containerPort() + "/" + port.protocol().name().toLowerCase(Locale.ROOT);
    }

    /** NetworkSettings of inspect; the first network's fields also stand outside. */
    static void settings(JsonWriter json, List<Endpoint> endpoints, String network) {
        json.name("NetworkSettings").beginObject().name("Ports").beginObject();
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                json.name(inner(port)).beginArray().beginObject();
                json.field("HostIp", host(port.hostAddress()));
                json.field("HostPort", Integer.toString(port.hostPort()));
                json.endObject().endArray();
            }
        }
        json.endObject();
        if (!endpoints.isEmpty()) {
            address(json, endpoints.getFirst());
        }
        json.name("Networks").beginObject();
        for (Endpoint endpoint : endpoints) {
            json.name(network).beginObject().field("NetworkID", endpoint.networkId());
            address(json, endpoint);
            json.endObject();
        }
        json.endObject().endObject();
    }

    private static void address(JsonWriter json, Endpoint endpoint) {
        for (Endpoint.Address address : endpoint.addresses()) {
            if (address.address().getAddress().length == 4) {
                InetAddress gateway = address.gateway();
                json.field("Gateway", gateway == null ? "" : gateway.getHostAddress());
                json.field("IPAddress", address.address().getHostAddress());
                json.field("IPPrefixLen", address.length());
            }
        }
        json.field("MacAddress", endpoint.mac().toString());
    }
}
