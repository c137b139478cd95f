package dev.rung.docker;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.docker.shape.NetworkJson;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Connections;
import dev.rung.engine.Containers;
import dev.rung.network.Endpoint;
import dev.rung.network.Network;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Prefix;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Networks. */
final class NetworkRoutes {
    private static final Set<String> FILTERS =
            Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    private static final int SHORT_ID = 12;

    private final Containers containers;
    private final Connections connections;
    private final NetworkJson shape;

    NetworkRoutes(DockerServices services) {
        containers = services.containers();
        connections = services.engine().connections();
        shape = new NetworkJson(services.engine());
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/networks", this::list));
        routes.add(Route.of("GET", "/networks/", this::list));
        routes.add(Route.of("POST", "/networks/create", this::create));
        routes.add(Route.of("POST", "/networks/prune", this::prune));
        routes.add(Route.of("GET", "/networks/{}", this::inspect));
        routes.add(Route.of("DELETE", "/networks/{}", this::remove));
        routes.add(Route.of("POST", "/networks/{}/connect", this::connect));
        routes.add(Route.of("POST", "/networks/{}/disconnect", this::disconnect));
    }

    private void list(Call call) throws IOException {
        Filters filters = call.filters().check(FILTERS);
        for (String type : filters.all("type")) {
            if (!type.equals("custom") && !type.equals("builtin")) {
                throw new StatusFailure(500, "invalid filter: 'type'='" + Printable.of(type) + "'");
            }
        }
        List<NetworkEntry> wanted =
                NetworkEntry.all(connections.networks()).stream()
                        .filter(entry -> fits(filters, entry))
                        .toList();
        call.json(
                200,
                json -> {
                    json.beginArray();
                    wanted.forEach(entry -> shape.whole(json, entry, false));
                    json.endArray();
                });
    }

    private boolean fits(Filters filters, NetworkEntry entry) {
        Network network = entry.network();
        boolean custom = !NetworkEntry.isPredefined(entry.name());
        return filters.fitsLabels(network == null ? Map.of() : network.labels())
                && filters.fits("name", entry.name()::contains)
                && filters.fits("id", entry.id()::startsWith)
                && filters.fits("driver", entry.driver()::equals)
                && filters.fits("scope", "local"::equals)
                && filters.fits("type", type -> type.equals(custom ? "custom" : "builtin"))
                && (!filters.has("dangling")
                        || filters.flag("dangling", false) == (custom && isUnused(entry)));
    }

    private boolean isUnused(NetworkEntry entry) {
        return connections.networks().endpoints(entry.id()).isEmpty();
    }

    private void inspect(Call call) throws IOException {
        String scope = call.text("scope");
        if (!scope.isEmpty() && !scope.equals("local")) {
            throw new Failure.NotFound("network " + Printable.of(call.name()) + " not found");
        }
        NetworkEntry entry = NetworkEntry.find(connections.networks(), call.name());
        call.json(200, json -> shape.whole(json, entry, true));
    }

    private void create(Call call) throws IOException {
        JsonFields body = call.body();
        String name = orEmpty(body, "Name");
        String driver = orEmpty(body, "Driver");
        if (!driver.isEmpty() && !driver.equals("bridge") && !driver.equals("default")) {
            throw new Failure.NotFound("plugin \"" + Printable.of(driver) + "\" not found");
        }
        if (name.isEmpty()) {
            throw new Failure.Invalid("invalid name: name is empty");
        }
        if (NetworkEntry.isPredefined(name)) {
            throw new Failure.Denied(
                    "operation is not permitted on predefined " + name + " network ");
        }
        NetworkSpec spec =
                NetworkSpec.of(name)
                        .withLabels(body.textMap("Labels"))
                        .withOptions(body.textMap("Options"));
        if (body.flag("Internal")) {
            spec = spec.withoutWayOut();
        }
        if (body.flag("EnableIPv6")) {
            spec = spec.withIpv6();
        }
        JsonFields ipam = body.optionalObject("IPAM");
        List<JsonFields> configs = ipam == null ? List.of() : ipam.objects("Config");
        for (JsonFields config : configs) {
            NetworkSpec.@Nullable Subnet subnet = subnet(config);
            if (subnet != null) {
                spec = spec.withSubnet(subnet);
            }
        }
        Network made;
        try {
            made = connections.create(spec);
        } catch (Failure.AlreadyExists e) {
            boolean overlaps = String.valueOf(e.getMessage()).startsWith("Pool overlaps");
            throw overlaps
                    ? new Failure.Denied(
                            "invalid pool request: Pool overlaps with other one on this address"
                                    + " space")
                    : e;
        }
        call.json(
                201,
                json -> json.beginObject().field("Id", made.id()).field("Warning", "").endObject());
    }

    private static NetworkSpec.@Nullable Subnet subnet(JsonFields config) {
        String subnet = orEmpty(config, "Subnet");
        String range = orEmpty(config, "IPRange");
        String gateway = orEmpty(config, "Gateway");
        if (subnet.isEmpty()) {
            return null;
        }
        var auxiliary = new HashMap<String, InetAddress>();
        config.textMap("AuxiliaryAddresses")
                .forEach((name, text) -> auxiliary.put(name, Prefix.parseAddress(text)));
        return new NetworkSpec.Subnet(
                Prefix.parse(subnet),
                range.isEmpty() ? null : Prefix.parse(range),
                gateway.isEmpty() ? null : Prefix.parseAddress(gateway),
                auxiliary);
    }

    static String orEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    private void remove(Call call) throws IOException {
        NetworkEntry entry = NetworkEntry.find(connections.networks(), call.name());
        if (NetworkEntry.isPredefined(entry.name())) {
            throw new Failure.Denied(
                    entry.name() + " is a pre-defined network and cannot be removed");
        }
        try {
            connections.remove(entry.id());
        } catch (Failure.WrongState e) {
            List<Endpoint> endpoints = connections.networks().endpoints(entry.id());
            var users = new ArrayList<String>();
            endpoints.forEach(each ->
                    users.add("name:\"%s\" id:\"%s\"".formatted(name(each), shortId(each))));
            throw new Failure.Denied(
                    users.isEmpty()
                            ? String.valueOf(e.getMessage())
                            : "error while removing network: network %s has active endpoints (%s)"
                                    .formatted(entry.name(), String.join(", ", users)));
        }
        call.empty(204);
    }

    private String name(Endpoint endpoint) {
        try {
            return containers.get(endpoint.container().value()).record().name().value();
        } catch (Failure.NotFound _) {
            return ""; // removed meanwhile
        }
    }

    private static String shortId(Endpoint endpoint) {
        return endpoint.id().substring(0, Math.min(SHORT_ID, endpoint.id().length()));
    }

    private void connect(Call call) throws IOException {
        JsonFields body = call.body();
        NetworkEntry entry = NetworkEntry.find(connections.networks(), call.name());
        try {
            connections.connect(
                    body.text("Container"),
                    ContainerRequest.wish(entry.name(), body.optionalObject("EndpointConfig"), ""));
        } catch (Failure.WrongState e) {
            String why = String.valueOf(e.getMessage());
            boolean shared = why.startsWith("container sharing network namespace");
            throw shared ? new Failure.Invalid(why) : new Failure.Denied(why);
        } catch (Failure.AlreadyExists e) {
            throw new Failure.Denied(String.valueOf(e.getMessage()));
        }
        call.empty(200);
    }

    private void disconnect(Call call) throws IOException {
        JsonFields body = call.body();
        NetworkEntry entry = NetworkEntry.find(connections.networks(), call.name());
        try {
            connections.disconnect(body.text("Container"), entry.name(), body.flag("Force"));
        } catch (Failure.WrongState e) {
            throw new StatusFailure(500, String.valueOf(e.getMessage()));
        }
        call.empty(200);
    }

    private void prune(Call call) throws IOException {
        Filters filters = call.filters().check(Set.of("label", "label!", "until"));
        Instant until = Until.of(filters);
        var deleted = new ArrayList<String>();
        for (NetworkEntry entry : NetworkEntry.all(connections.networks())) {
            Network network = entry.network();
            if (network == null
                    || NetworkEntry.isPredefined(entry.name())
                    || !isUnused(entry)
                    || network.created().isAfter(until)
                    || !filters.fitsLabels(network.labels())) {
                continue;
            }
            try {
                connections.remove(entry.id());
                deleted.add(entry.name());
            } catch (Failure e) {
                // somebody has joined it just now
            }
        }
        call.json(
                200,
                json -> {
                    Pruned.names(json.beginObject(), "NetworksDeleted", deleted);
                    json.endObject();
                });
    }
}
