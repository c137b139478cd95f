package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.NameFiles.Whereabouts;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.network.Network;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Networks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Containers in networks, and the networks themselves. */
public final class Connections {
    private final Registry registry;
    private final RecordFolder records;
    private final ContainerNetworks networks;
    private final Bundles bundles;
    private final Events events;

    Connections(
            Registry registry,
            RecordFolder records,
            ContainerNetworks networks,
            Bundles bundles,
            Events events) {
        this.registry = registry;
        this.records = records;
        this.networks = networks;
        this.bundles = bundles;
        this.events = events;
    }

    /** All networks. */
    public Networks networks() {
        return networks.all();
    }

    /** Makes a network; AlreadyExists when the name is taken. */
    public Network create(NetworkSpec spec) {
        Network network = networks.all().create(spec);
        tell("create", network, Map.of());
        return network;
    }

    /** Removes a network; WrongState while a container is in it, and for those always there. */
    public void remove(String name) {
        Network network = networks.all().get(name);
        networks.all().remove(network.id());
        tell("destroy", network, Map.of());
    }

    private void tell(String action, Network network, Map<String, String> more) {
        var attributes = new LinkedHashMap<>(more);
        attributes.put("name", network.name());
        attributes.put("type", "bridge");
        events.tell("network", action, network.id(), attributes);
    }

    /** Lets a container join one more network: at once if it runs, else when it starts. */
    public void connect(String name, NetworkWish asked) {
        Container container = registry.find(name);
        container.lock.lock();
        try {
            ContainerRecord record = container.record();
            checkMode(record, asked.network());
            NetworkWish wish = networks.resolve(asked);
            if (place(record, wish.network()) >= 0) {
                throw new Failure.AlreadyExists(
                        "endpoint with name %s already exists in network %s"
                                .formatted(record.name(), wish.network()));
            }
            var wishes = new ArrayList<>(record.networks());
            wishes.add(wish);
            change(container, record.in(wishes));
            var running = container.running();
            if (running != null) {
                try {
                    Whereabouts where =
                            networks.connect(container.record(), running.process(), wish);
                    bundles.writeNames(container.record(), where);
                } catch (Failure e) {
                    change(container, record);
                    throw e;
                }
            }
            tell(
                    "connect",
                    networks.all().get(wish.network()),
                    Map.of("container", record.id().value()));
        } finally {
            container.lock.unlock();
        }
    }

    /**
     * Lets a container leave a network.
     *
     * @param name with force also of a container that is there no more
     */
    public void disconnect(String name, String network, boolean force) {
        Network left = networks.all().get(network);
        Container container;
        try {
            container = registry.find(name);
        } catch (Failure.NotFound e) {
            if (force) {
                return;
            }
            throw e;
        }
        container.lock.lock();
        try {
            ContainerRecord record = container.record();
            checkMode(record, left.name());
            int place = place(record, left.name());
            if (place < 0) {
                throw new Failure.WrongState(
                        "container %s is not connected to network %s"
                                .formatted(record.id(), left.name()));
            }
            var wishes = new ArrayList<>(record.networks());
            wishes.remove(place);
            change(container, record.in(wishes));
            var running = container.running();
            if (running != null) {
                Whereabouts where =
                        networks.disconnect(container.record(), running.process(), left.id());
                bundles.writeNames(container.record(), where);
            }
            tell("disconnect", left, Map.of("container", record.id().value()));
        } finally {
            container.lock.unlock();
        }
    }

    private void change(Container container, ContainerRecord changed) {
        container.record(changed);
        records.write(changed, true);
    }

    private static int place(ContainerRecord record, String network) {
        List<NetworkWish> wishes = record.networks();
        for (int i = 0; i < wishes.size(); i++) {
            if (wishes.get(i).network().equals(network)) {
                return i;
            }
        }
        return -1;
    }

    private static void checkMode(ContainerRecord record, String network) {
        NamespaceMode.Kind kind = record.host().network().kind();
        if (network.equals("host")) {
            throw new Failure.WrongState(
                    "container cannot be disconnected from host network or connected to host"
                            + " network");
        } else if (kind == NamespaceMode.Kind.CONTAINER || kind == NamespaceMode.Kind.HOST) {
            throw new Failure.WrongState(
                    "container sharing network namespace with another container or host cannot be"
                            + " connected to any other network");
        } else if (kind == NamespaceMode.Kind.NONE || network.equals("none")) {
            throw new Failure.WrongState(
                    "container cannot be connected to multiple networks with one of the networks in"
                            + " private (none) mode");
        }
    }
}
