package dev.rung.nri;

import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.ContainerEviction;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import java.util.List;

/**
 * What plug-ins want when a container is made.
 *
 * @param adjustment of the new one
 * @param updates of others
 */
public record Creation(
        ContainerAdjustment adjustment,
        List<ContainerUpdate> updates,
        List<ContainerEviction> evictions) {}
