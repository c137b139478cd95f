package dev.rung.docker.shape;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.network.Endpoint;
import dev.rung.network.Networks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where containers are in networks at one moment, looked up once for all of them. */
final class Places {
    private final Networks networks;
    private final Map<ContainerId, List<Endpoint>> endpoints;
    private final Map<String, String> ids = new HashMap<>(); // of networks, by what they are called

    Places(Networks networks) {
        this.networks = networks;
        endpoints = networks.endpoints();
    }

    List<Endpoint> of(ContainerRecord container) {
        return endpoints.getOrDefault(container.id(), List.of());
    }

    /** Ids of the networks that it wants to be in, in that order. */
    List<String> networks(ContainerRecord container) {
        var wanted = new ArrayList<String>(1);
        for (NetworkWish wish : container.networks()) {
            wanted.add(network(wish.network()));
        }
        return wanted;
    }

    /** A network's id; empty when it was removed while those who want it did not run. */
    String network(String name) {
        return ids.computeIfAbsent(name, this::find);
    }

    private String find(String name) {
        try {
            return networks.get(name).id();
        } catch (Failure.NotFound _) {
            return "";
        }
    }
}
