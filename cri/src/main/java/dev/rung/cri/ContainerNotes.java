package dev.rung.cri;

import dev.rung.cri.v1.Container;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ListContainersResponse;
import dev.rung.domain.ContainerId;
import dev.rung.engine.ContainerView;
import dev.rung.engine.record.ContainerRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What containers were asked for, read from their records once, and what lists tell of them, made
 * once a state: a kubelet lists them all day.
 */
final class ContainerNotes {
    private final Map<ContainerId, ContainerConfig> known = new ConcurrentHashMap<>();
    private final Map<ContainerId, Entry> listed = new ConcurrentHashMap<>();

    private record Entry(ContainerState state, byte[] encoded) {}

    ContainerConfig of(ContainerView container) {
        ContainerConfig config = known.get(container.record().id());
        return config == null
                ? known.computeIfAbsent(container.record().id(), _ -> Notes.container(container))
                : config;
    }

    /** As an entry of a list, encoded. */
    byte[] listed(ContainerView container, ContainerState state) {
        Entry last = listed.get(container.record().id());
        if (last == null || last.state != state) {
            var alone = ListContainersResponse.newBuilder().addContainers(entry(container, state));
            last = new Entry(state, alone.build().toByteArray());
            listed.put(container.record().id(), last);
        }
        return last.encoded;
    }

    private Container entry(ContainerView container, ContainerState state) {
        ContainerRecord record = container.record();
        ContainerConfig config = of(container);
        return Container.newBuilder()
                .setId(record.id().value())
                .setPodSandboxId(record.host().pod())
                .setMetadata(config.getMetadata())
                .setImage(config.getImage())
                .setImageRef(record.image())
                .setImageId(record.image())
                .setState(state)
                .setCreatedAt(PodSandboxes.nanos(record.created()))
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .build();
    }

    /** Forgets those that have gone. */
    void keep(List<ContainerView> all) {
        if (Math.max(known.size(), listed.size()) > all.size()) {
            Set<ContainerId> there = new HashSet<>();
            all.forEach(container -> there.add(container.record().id()));
            known.keySet().retainAll(there);
            listed.keySet().retainAll(there);
        }
    }
}
