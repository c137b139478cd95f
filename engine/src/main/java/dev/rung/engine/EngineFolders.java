package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.ContainerFolders;
import java.nio.file.Path;

/**
 * Where the engine keeps its things.
 *
 * @param durable survives a boot
 * @param running need not; a path short enough for the sockets in it
 */
public record EngineFolders(Path durable, Path running) {
    Path containers() {
        return durable.resolve("containers");
    }

    Path volumes() {
        return durable.resolve("volumes");
    }

    Path secrets() {
        return durable.resolve("secrets");
    }

    Path pods() {
        return durable.resolve("pods");
    }

    /** What is known of pods in CNI networks. */
    Path cni() {
        return durable.resolve("cni");
    }

    /** What a pod has as long as it runs. */
    Path runningPod(ContainerId id) {
        return running.resolve("pods").resolve(id.value());
    }

    /** The state of the OCI runtimes. */
    Path runtimes() {
        return running.resolve("oci");
    }

    ContainerFolders of(ContainerId id) {
        return new ContainerFolders(
                containers().resolve(id.value()),
                running.resolve("containers").resolve(id.value()));
    }

    Path bundle(ContainerId id) {
        return of(id).running().resolve("bundle");
    }
}
