package dev.rung.nri;

import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.PodSandbox;
import java.util.List;

/** What there is on this machine, for plug-ins to see and to change. */
public interface NodeState {
    /** All pods. */
    List<PodSandbox> pods();

    /** All containers that have not ended. */
    List<Container> containers();

    /** Limits containers anew; those of which it failed, without those that may fail. */
    List<ContainerUpdate> update(List<ContainerUpdate> updates);

    /** Ends containers. */
    void evict(List<ContainerEviction> evictions);
}
