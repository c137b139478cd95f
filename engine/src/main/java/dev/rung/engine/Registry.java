package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.RandomNames;
import dev.rung.engine.spec.ContainerName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All containers by id and name. */
final class Registry {
    private static final int PLAIN_NAMES = 10;

    private final RandomNames random;
    private final Map<ContainerId, Container> byId = new HashMap<>();
    private final Map<ContainerName, ContainerId> byName = new HashMap<>();
    private @Nullable List<Container> latestFirst; // as long as none comes or goes

    Registry(RandomNames random) {
        this.random = random;
    }

    /**
     * Keeps a name for a container to come.
     *
     * @param wanted null: any that is free
     */
    synchronized ContainerName reserve(ContainerId id, @Nullable ContainerName wanted) {
        ContainerName name = wanted;
        for (int attempt = 0; name == null; attempt++) {
            ContainerName random = this.random.name(attempt >= PLAIN_NAMES);
            name = byName.containsKey(random) ? null : random;
        }
        ContainerId holder = byName.putIfAbsent(name, id);
        if (holder != null) {
            throw new Failure.AlreadyExists(
                    "Conflict. The container name \"/"
                            + name
                            + "\" is already in use by container \""
                            + holder
                            + "\". You have to remove (or rename) that container to be able to reuse"
                            + " that name.");
        }
        return name;
    }

    /** Gives a name up that was kept for a container that did not come. */
    synchronized void release(ContainerName name, ContainerId id) {
        byName.remove(name, id);
    }

    synchronized ContainerId freshId() {
        ContainerId id = random.id();
        while (byId.containsKey(id)) {
            id = random.id();
        }
        return id;
    }

    synchronized boolean has(ContainerId id) {
        return byId.containsKey(id);
    }

    synchronized void add(Container container) {
        byId.put(container.id(), container);
        latestFirst = null;
        byName.put(container.record().name(), container.id());
    }

    synchronized void rename(Container container, ContainerName from, ContainerName to) {
        reserve(container.id(), to);
        byName.remove(from, container.id());
    }

    synchronized void remove(Container container) {
        byId.remove(container.id());
        latestFirst = null;
        byName.remove(container.record().name(), container.id());
    }

    /** The latest first. */
    synchronized List<Container> all() {
        List<Container> all = latestFirst;
        if (all == null) {
            var sorted = new ArrayList<>(byId.values());
            sorted.sort(Comparator.comparing((Container c) -> c.record().created()).reversed());
            all = List.copyOf(sorted);
            latestFirst = all;
        }
        return all;
    }

    /** By id, by name, or by the beginning of an id. */
    synchronized Container find(String text) {
        String name = text.startsWith("/") ? text.substring(1) : text;
        for (Map.Entry<ContainerId, Container> entry : byId.entrySet()) {
            if (entry.getKey().value().equals(name)) {
                return entry.getValue();
            }
        }
        for (Map.Entry<ContainerName, ContainerId> entry : byName.entrySet()) {
            Container container = byId.get(entry.getValue());
            if (entry.getKey().value().equals(name) && container != null) {
                return container;
            }
        }
        Container found = null;
        for (Map.Entry<ContainerId, Container> entry : byId.entrySet()) {
            if (!name.isEmpty() && entry.getKey().value().startsWith(name)) {
                if (found != null) {
                    throw new Failure.Invalid(
                            "multiple IDs found with provided prefix: " + Printable.of(name));
                }
                found = entry.getValue();
            }
        }
        if (found == null) {
            throw new Failure.NotFound("No such container: " + Printable.of(text));
        }
        return found;
    }
}
