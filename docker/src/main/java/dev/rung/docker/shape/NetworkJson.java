package dev.rung.docker.shape;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.network.Endpoint;
import dev.rung.network.Network;
import dev.rung.network.Networks;
import dev.rung.network.PortBinding;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Networks, and where containers are in them. */
public final class NetworkJson {
    private final Containers containers;
    private final Networks networks;

    public NetworkJson(Engine engine) {
        containers = engine.containers();
        networks = engine.connections().networks();
    }

    /**
     * A network as {@code GET /networks/{id}} tells it, or in a list, which names no containers.
     */
    public void whole(JsonWriter json, NetworkEntry entry, boolean withContainers) {
        Network network = entry.network();
        json.beginObject().field("Name", entry.name()).field("Id", entry.id());
        json.field("Created", entry.created().toString()).field("Scope", "local");
        json.field("Driver", entry.driver());
        json.field("EnableIPv4", network == null || entry.has(true));
        json.field("EnableIPv6", entry.has(false));
        json.name("IPAM").beginObject().field("Driver", "default");
        json.name("Options");
        if (network == null || network.name().equals("bridge")) {
            json.value(JsonNull.NULL);
        } else {
            json.beginObject().endObject();
        }
        json.name("Config");
        if (network == null) {
            json.value(JsonNull.NULL).endObject();
        } else {
            subnets(json, network);
        }
        json.field("Internal", entry.internal());
        json.field("Attachable", false).field("Ingress", false);
        json.name("ConfigFrom").beginObject().field("Network", "").endObject();
        json.field("ConfigOnly", false).name("Containers").beginObject();
        if (network != null && withContainers) {
            containers(json, network);
        }
        json.endObject();
        GoMap.write(json.name("Options"), network == null ? Map.of() : options(network));
        GoMap.write(json.name("Labels"), entry.labels());
        json.endObject();
    }

    /** Those that were given; of the default network what it is like. */
    private static Map<String, String> options(Network network) {
        if (!network.name().equals("bridge")) {
            return network.options();
        }
        var all = new LinkedHashMap<String, String>();
        all.put("com.docker.network.bridge.default_bridge", "true");
        all.put("com.docker.network.bridge.enable_icc", "true");
        all.put("com.docker.network.bridge.enable_ip_masquerade", "true");
        all.put("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0");
        all.put("com.docker.network.bridge.name", network.bridge());
        all.put("com.docker.network.driver.mtu", Integer.toString(network.mtu()));
        all.putAll(network.options());
        return all;
    }

    private static void subnets(JsonWriter json, Network network) {
        json.beginArray();
        List<Network.Subnet> subnets = network.subnets();
        for (Network.Subnet subnet : subnets) {
            json.beginObject().field("Subnet", subnet.prefix().toString());
            if (!subnet.range().equals(subnet.prefix())) {
                json.field("IPRange", subnet.range().toString());
            }
            json.field("Gateway", subnet.gateway().getHostAddress());
            if (!subnet.auxiliary().isEmpty()) {
                json.name("AuxiliaryAddresses").beginObject();
                subnet.auxiliary()
                        .forEach((name, address) -> json.field(name, address.getHostAddress()));
                json.endObject();
            }
            json.endObject();
        }
        json.endArray().endObject();
    }

    private void containers(JsonWriter json, Network network) {
        for (Endpoint endpoint : networks.endpoints(network.id())) {
            json.name(endpoint.container().value()).beginObject();
            json.field("Name", name(endpoint)).field("EndpointID", endpoint.id());
            json.field("MacAddress", endpoint.mac().toString());
            json.field("IPv4Address", address(endpoint, true));
            json.field("IPv6Address", address(endpoint, false)).endObject();
        }
    }

    private String name(Endpoint endpoint) {
        try {
            return containers.get(endpoint.container().value()).record().name().value();
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

    /** NetworkSettings of a container. */
    void settings(JsonWriter json, ContainerView container) {
        ContainerRecord record = container.record();
        var places = new Places(networks);
        List<Endpoint> endpoints = places.of(record);
        Endpoint plain = null;
        for (Endpoint endpoint : endpoints) {
            Network network = find(endpoint.networkId());
            if (network != null && network.name().equals("bridge")) {
                plain = endpoint;
            }
        }
        String pid = Integer.toString(container.pid());
        String sandbox = container.pid() == 0 ? "" : "/proc/" + pid + "/ns/net";
        json.beginObject().field("Bridge", "");
        json.field("SandboxID", container.pid() == 0 ? "" : record.id().value());
        json.field("SandboxKey", sandbox).name("Ports").beginObject();
        bindings(json, record, endpoints);
        json.endObject().field("HairpinMode", false).field("LinkLocalIPv6Address", "");
        json.field("LinkLocalIPv6PrefixLen", 0);
        json.name("SecondaryIPAddresses").value(JsonNull.NULL);
        json.name("SecondaryIPv6Addresses").value(JsonNull.NULL);
        json.field("EndpointID", plain == null ? "" : plain.id());
        addresses(json, plain);
        json.field("MacAddress", plain == null ? "" : plain.mac().toString());
        json.name("Networks");
        places(json, record, places);
        json.endObject();
    }

    private static void bindings(
            JsonWriter json, ContainerRecord record, List<Endpoint> endpoints) {
        var bindings = new LinkedHashMap<String, List<PortBinding>>();
        if (!endpoints.isEmpty()) {
            record.config().exposedPorts().forEach(port -> bindings.put(port, new ArrayList<>()));
        }
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                bindings.computeIfAbsent(PublishedPort.inner(port), _ -> new ArrayList<>())
                        .add(port);
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
                for (String host : PublishedPort.hosts(port)) {
                    json.beginObject().field("HostIp", host);
                    json.field("HostPort", Integer.toString(port.hostPort())).endObject();
                }
            }
            json.endArray();
        });
    }

    /** Ports of a container in a list. */
    static void ports(JsonWriter json, ContainerRecord record, List<Endpoint> endpoints) {
        var exposed = new ArrayList<String>();
        if (!endpoints.isEmpty()) {
            exposed.addAll(record.config().exposedPorts());
        }
        json.beginArray();
        for (Endpoint endpoint : endpoints) {
            for (PortBinding port : endpoint.ports()) {
                exposed.remove(PublishedPort.inner(port));
                for (String host : PublishedPort.hosts(port)) {
                    json.beginObject().field("IP", host);
                    json.field("PrivatePort", port.containerPort());
                    json.field("PublicPort", port.hostPort());
                    json.field("Type", PublishedPort.protocol(port)).endObject();
                }
            }
        }
        for (String port : exposed) {
            int slash = port.indexOf('/');
            String number = slash < 0 ? port : port.substring(0, slash);
            if (number.chars().allMatch(Character::isDigit)) {
                json.beginObject().field("PrivatePort", Long.parseLong(number));
                json.field("Type", slash < 0 ? "tcp" : port.substring(slash + 1)).endObject();
            }
        }
        json.endArray();
    }

    /** By name of network: where a container is, or is to be when it runs. */
    static void places(JsonWriter json, ContainerRecord record, Places places) {
        json.beginObject();
        for (NetworkWish wish : record.networks()) {
            String id = places.network(wish.network());
            Endpoint own = null;
            for (Endpoint endpoint : places.of(record)) {
                if (endpoint.networkId().equals(id)) {
                    own = endpoint;
                }
            }
            json.name(wish.network());
            place(json, wish, id, own);
        }
        String mode = HostConfigJson.networkMode(record);
        NetworkEntry plain = NetworkEntry.plain(mode);
        if (plain != null) {
            json.name(mode);
            place(json, NetworkWish.of(mode), plain.id(), null);
        }
        json.endObject();
    }

    private static void place(
            JsonWriter json, NetworkWish wish, String id, @Nullable Endpoint endpoint) {
        json.beginObject().name("IPAMConfig");
        if (wish.ipv4().isEmpty() && wish.ipv6().isEmpty()) {
            json.value(JsonNull.NULL);
        } else {
            json.beginObject();
            json.optional("IPv4Address", wish.ipv4().isEmpty() ? null : wish.ipv4());
            json.optional("IPv6Address", wish.ipv6().isEmpty() ? null : wish.ipv6()).endObject();
        }
        ConfigJson.listOrNull(json, "Links", wish.links().isEmpty() ? null : wish.links());
        ConfigJson.listOrNull(json, "Aliases", wish.aliases().isEmpty() ? null : wish.aliases());
        String mac = endpoint == null ? wish.mac() : endpoint.mac().toString();
        json.field("MacAddress", mac).name("DriverOpts").value(JsonNull.NULL);
        json.field("GwPriority", wish.priority()).field("NetworkID", id);
        json.field("EndpointID", endpoint == null ? "" : endpoint.id());
        addresses(json, endpoint);
        List<String> names = endpoint == null ? List.of() : endpoint.names();
        ConfigJson.listOrNull(json, "DNSNames", names.isEmpty() ? null : names);
        json.endObject();
    }

    private static void addresses(JsonWriter json, @Nullable Endpoint endpoint) {
        Endpoint.Address v4 = null;
        Endpoint.Address v6 = null;
        List<Endpoint.Address> all = endpoint == null ? List.of() : endpoint.addresses();
        for (Endpoint.Address each : all) {
            if (each.address().getAddress().length == 4) {
                v4 = each;
            } else {
                v6 = each;
            }
        }
        json.field("Gateway", gateway(v4)).field("IPAddress", address(v4));
        json.field("IPPrefixLen", v4 == null ? 0 : v4.length());
        json.field("IPv6Gateway", gateway(v6)).field("GlobalIPv6Address", address(v6));
        json.field("GlobalIPv6PrefixLen", v6 == null ? 0 : v6.length());
    }

    private static String gateway(Endpoint.@Nullable Address address) {
        InetAddress gateway = address == null ? null : address.gateway();
        return gateway == null ? "" : gateway.getHostAddress();
    }

    private static String address(Endpoint.@Nullable Address address) {
        return address == null ? "" : address.address().getHostAddress();
    }

    private @Nullable Network find(String name) {
        try {
            return networks.get(name);
        } catch (Failure.NotFound e) {
            return null; // removed while the container did not run
        }
    }
}
