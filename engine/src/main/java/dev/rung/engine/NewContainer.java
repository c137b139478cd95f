package dev.rung.engine;

import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for when a container is made.
 *
 * @param name null: one is made up
 */
public record NewContainer(
        @Nullable ContainerName name, ContainerConfig config, HostOptions host) {}
