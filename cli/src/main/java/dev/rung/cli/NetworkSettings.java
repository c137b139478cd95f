package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.network.Endpoint;
import dev.rung.network.Network;
import dev.rung.network.PortBinding;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** NetworkSettings of inspect: where a container is, or is to be when it runs. */
final class NetworkSettings {
    private NetworkSettings() {}

    static void write(
            JsonWriter json, ContainerRecord record, List<Endpoint> endpoints, Services services) {
        json.name("NetworkSettings").beginObject().name("Ports").beginObject();
        ports(json, record, endpoints);
        json.endObject();
        for (Endpoint endpoint : endpoints) {
            if (record.networks().size() == 1 && record.networks().getFirst().isPlain()) {
                address(json, endpoint, null); // the old fields of the default network
            }
        }
        json.name("Networks").beginObject();
        for (NetworkWish wish : record.networks()) {
            json.name(wish.network()).beginObject();
            network(json, wish, endpoints, services);
            json.endObject();
        }
        for (String plain : List.of("host", "none")) {
            if (record.host().network().toString().equals(plain)) {
                json.name(plain).beginObject().endObject();
            }
        }
        json.endObject().endObject();
    }

    private static void ports(JsonWriter json, ContainerRecord record, List<Endpoint> endpoints) {
        var bindings = new LinkedHashMap<String, List<PortBinding>>();
        if (!endpoints.isEmpty()) {
            record.config().exposedPorts().forEach(port -> bindings.put(port, new ArrayList<>()));
        }
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                bindings.computeIfAbsent(Ports.inner(port), _ -> new ArrayList<>()).add(port);
            }
        }
        bindings.forEach((inner, all) -> {
            json.name(inner);
            if (all.isEmpty()) {
                json.value(JsonNull.NULL);
                return;
            }
            json.beginArray();
            for (PortBinding port : all) {
                for (String host : Ports.hosts(port)) {
                    json.beginObject().field("HostIp", host);
                    json.field("HostPort", Integer.toString(port.hostPort())).endObject();
                }
            }
            json.endArray();
        });
    }

    private static void network(
            JsonWriter json, NetworkWish wish, List<Endpoint> endpoints, Services services) {
        json.name("IPAMConfig").beginObject();
        json.optional("IPv4Address", wish.ipv4().isEmpty() ? null : wish.ipv4());
        json.optional("IPv6Address", wish.ipv6().isEmpty() ? null : wish.ipv6()).endObject();
        json.field("Aliases", wish.aliases()).field("GwPriority", wish.priority());
        Network network = find(services, wish.network());
        json.field("NetworkID", network == null ? "" : network.id());
        for (Endpoint endpoint : endpoints) {
            if (network != null && endpoint.networkId().equals(network.id())) {
                json.field("EndpointID", endpoint.id());
                address(json, endpoint, network);
                json.field("DNSNames", endpoint.names());
            }
        }
    }

    private static @Nullable Network find(Services services, String name) {
        try {
            return services.containers().connections().networks().get(name);
        } catch (Failure.NotFound e) {
            return null; // removed while the container did not run
        }
    }

    /** The gateway is that of the network where it is known, though no route leads there. */
    private static void address(JsonWriter json, Endpoint endpoint, @Nullable Network network) {
        for (Endpoint.Address address : endpoint.addresses()) {
            boolean v4 = address.address().getAddress().length == 4;
            Network.Subnet subnet = network == null ? null : network.subnet(v4);
            InetAddress gateway = subnet == null ? address.gateway() : subnet.gateway();
            String text = gateway == null ? "" : gateway.getHostAddress();
            json.field(v4 ? "Gateway" : "IPv6Gateway", text);
            json.field(v4 ? "IPAddress" : "GlobalIPv6Address", address.address().getHostAddress());
            json.field(v4 ? "IPPrefixLen" : "GlobalIPv6PrefixLen", address.length());
        }
        json.field("MacAddress", endpoint.mac().toString());
    }
}
