package dev.rung.engine;

import dev.rung.domain.Platform;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NetworkWish;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for when a container is made.
 *
 * @param name null: one is made up
 * @param platform of the image, which must be for it; null: this machine's where there is a choice
 * @param networks empty: the one that the options name, if any
 */
public record NewContainer(
        @Nullable ContainerName name,
        @Nullable Platform platform,
        ContainerConfig config,
        HostOptions host,
        List<NetworkWish> networks) {}
