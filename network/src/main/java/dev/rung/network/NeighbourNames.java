package dev.rung.network;

import dev.rung.domain.ContainerId;
import dev.rung.network.dns.Names;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whom a container knows by name: itself and its neighbours in all its user networks. */
final class NeighbourNames implements Names {
    private static final int DNS = 53;

    private final ContainerId self;
    private final Supplier<Map<Network, List<Endpoint>>> networks;
    private final List<InetAddress> servers;

    /**
     * Who is in each user network of the container is asked anew for every question.
     *
     * @param servers who is asked about other names; empty for those that the host asks
     */
    NeighbourNames(
            ContainerId self,
            Supplier<Map<Network, List<Endpoint>>> networks,
            List<InetAddress> servers) {
        this.self = self;
        this.networks = networks;
        this.servers = List.copyOf(servers);
    }

    @Override
    public List<InetAddress> addresses(String name) {
        var addresses = new ArrayList<InetAddress>();
        networks.get()
                .forEach((network, endpoints) -> {
                    String suffix = "." + network.name().toLowerCase(Locale.ROOT);
                    String plain =
                            name.endsWith(suffix)
                                    ? name.substring(0, name.length() - suffix.length())
                                    : name;
                    String linked = linked(endpoints, plain);
                    for (Endpoint endpoint : endpoints) {
                        if (isCalled(endpoint, name)
                                || isCalled(endpoint, plain)
                                || linked != null && isMeant(endpoint, linked)) {
                            endpoint.addresses()
                                    .forEach(address -> addresses.add(address.address()));
                        }
                    }
                });
        return addresses;
    }

    /** Whom the container itself calls so; null when that is nobody. */
    private @Nullable String linked(List<Endpoint> endpoints, String name) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.container().equals(self)) {
                for (Map.Entry<String, String> link : endpoint.links().entrySet()) {
                    if (link.getKey().equalsIgnoreCase(name)) {
                        return link.getValue();
                    }
                }
            }
        }
        return null;
    }

    private static boolean isMeant(Endpoint endpoint, String container) {
        return endpoint.container().value().equals(container) || isCalled(endpoint, container);
    }

    private static boolean isCalled(Endpoint endpoint, String name) {
        return endpoint.names().stream().anyMatch(name::equalsIgnoreCase);
    }

    @Override
    public @Nullable String name(InetAddress address) {
        for (Map.Entry<Network, List<Endpoint>> network : networks.get().entrySet()) {
            for (Endpoint endpoint : network.getValue()) {
                boolean has =
                        endpoint.addresses().stream()
                                .anyMatch(one -> one.address().equals(address));
                if (has && !endpoint.names().isEmpty()) {
                    return endpoint.names().getFirst() + "." + network.getKey().name();
                }
            }
        }
        return null;
    }

    @Override
    public List<InetSocketAddress> servers() {
        if (networks.get().keySet().stream().allMatch(Network::internal)) {
            return List.of();
        }
        List<InetAddress> asked = servers.isEmpty() ? ResolvConf.ofHost().servers() : servers;
        return asked.stream().map(server -> new InetSocketAddress(server, DNS)).toList();
    }
}
