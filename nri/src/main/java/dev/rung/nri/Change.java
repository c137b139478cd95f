package dev.rung.nri;

import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.LinuxResources;
import java.util.List;

/**
 * What plug-ins want when a container is limited anew.
 *
 * @param resources of that container
 * @param updates of others
 */
public record Change(
        LinuxResources resources,
        List<ContainerUpdate> updates,
        List<ContainerEviction> evictions) {}
