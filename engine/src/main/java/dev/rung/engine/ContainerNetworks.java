package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.network.Endpoint;
import dev.rung.network.EndpointSpec;
import dev.rung.network.Networks;
import dev.rung.network.PublishedPort;
import dev.rung.network.Teardown;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lets containers into the networks that they asked for. */
final class ContainerNetworks {
    private static final int SHORT_ID = 12;

    private final Networks networks;

    ContainerNetworks(Networks networks) {
        this.networks = networks;
    }

    /** The network that a container joins; null when it joins none. */
    static @Nullable String network(NamespaceMode mode) {
        return switch (mode.kind()) {
            case DEFAULT -> Networks.DEFAULT;
            case NETWORK -> mode.name();
            case PRIVATE, NONE, HOST, SHAREABLE, CONTAINER -> null;
        };
    }

    /** NotFound unless the network that a container is to join is there. */
    void check(NamespaceMode mode) {
        String network = network(mode);
        if (network != null && !network.equals(Networks.DEFAULT)) {
            networks.get(network);
        }
    }

    /** Joins; the addresses that the container has then, none when it joins no network. */
    List<String> join(ContainerRecord container, int pid) {
        String network = network(container.host().network());
        if (network == null) {
            return List.of();
        }
        String path = "/proc/" + pid + "/ns/net";
        var ports = new ArrayList<PublishedPort>();
        for (var port : container.host().ports()) {
            ports.addAll(PublishedPort.parse(port.text()));
        }
        ContainerId id = container.id();
        var names = List.of(container.name().value(), id.value().substring(0, SHORT_ID));
        try (Fd namespace = Paths.open(null, KernelPath.of(path), 0, 0, 0)) {
            networks.get(network);
            Endpoint endpoint =
                    networks.attach(
                            namespace,
                            EndpointSpec.of(id, network).withPorts(ports).withNames(names));
            var addresses = new ArrayList<String>();
            for (Endpoint.Address address : endpoint.addresses()) {
                addresses.add(address.address().getHostAddress());
            }
            return addresses;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open the container's network: " + e.getMessage(), e);
        }
    }

    /** Leaves all networks; the links go with the namespace. */
    void leave(ContainerId id) {
        networks.detach(id, Teardown.WITH_NAMESPACE);
    }

    /** All others leave. */
    void retain(Set<ContainerId> running) {
        networks.retain(running);
    }

    /** Where a container is. */
    List<Endpoint> of(ContainerId id) {
        return networks.endpoints(id);
    }
}
