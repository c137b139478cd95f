package dev.rung.cri;

import dev.rung.cri.v1.ContainerConfig;
import dev.rung.domain.ContainerId;
import dev.rung.engine.ContainerView;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What containers were asked for, read from their records once: a kubelet lists them all day. */
final class ContainerNotes {
    private final Map<ContainerId, ContainerConfig> known = new ConcurrentHashMap<>();

    ContainerConfig of(ContainerView container) {
        return known.computeIfAbsent(container.record().id(), _ -> Notes.container(container));
    }

    /** Forgets those that have gone. */
    void keep(List<ContainerView> all) {
        if (known.size() > all.size()) {
            Set<ContainerId> there = new HashSet<>();
            all.forEach(container -> there.add(container.record().id()));
            known.keySet().retainAll(there);
        }
    }
}
