package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.LinuxContainerUpdate;
import dev.rung.nri.v1alpha1.LinuxResources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What several plug-ins, one after another, want of containers that are there. */
final class CollectedUpdates {
    private final Ownership owners;
    private final Map<String, ContainerUpdate> updates = new LinkedHashMap<>();
    private final List<ContainerEviction> evictions = new ArrayList<>();

    CollectedUpdates(Ownership owners) {
        this.owners = owners;
    }

    /** One of them is limited anew anyway, so. */
    void begin(String container, LinuxResources resources) {
        updates.put(container, update(container, resources, false));
    }

    /** WrongState where two want different things, unless the plug-in says that it may fail. */
    void add(List<ContainerUpdate> asked, String plugin) {
        for (ContainerUpdate one : asked) {
            String id = one.getContainerId();
            ContainerUpdate known =
                    updates.getOrDefault(
                            id,
                            update(
                                    id,
                                    LinuxResources.getDefaultInstance(),
                                    one.getIgnoreFailure()));
            boolean mayFail = known.getIgnoreFailure() && one.getIgnoreFailure();
            LinuxResources resources = known.getLinux().getResources();
            try {
                resources =
                        new ResourceMerge(owners, id, plugin)
                                .over(resources, one.getLinux().getResources());
            } catch (Failure.WrongState e) {
                if (!one.getIgnoreFailure()) {
                    throw e;
                }
            }
            updates.put(id, update(id, resources, mayFail));
        }
    }

    void evict(List<ContainerEviction> asked) {
        evictions.addAll(asked);
    }

    private static ContainerUpdate update(String id, LinuxResources resources, boolean mayFail) {
        return ContainerUpdate.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerUpdate.newBuilder().setResources(resources))
                .setIgnoreFailure(mayFail)
                .build();
    }

    List<ContainerUpdate> all() {
        return List.copyOf(updates.values());
    }

    /** Without that of this one. */
    List<ContainerUpdate> others(String container) {
        return updates.values().stream()
                .filter(update -> !update.getContainerId().equals(container))
                .toList();
    }

    /** What that container may use in the end. */
    LinuxResources of(String container) {
        ContainerUpdate update = updates.get(container);
        return update == null
                ? LinuxResources.getDefaultInstance()
                : update.getLinux().getResources();
    }

    List<ContainerEviction> evictions() {
        return List.copyOf(evictions);
    }
}
