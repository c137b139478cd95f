package dev.rung.cli.oci;

import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import dev.rung.program.Program;

/** What the front end does by itself when the process ends that "run" waits for. */
final class Cleanup {
    private Cleanup() {}

    /**
     * Whether it takes all of a container away. Without pids of its own others may live on, and
     * without a mount namespace its mounts, which only a delete finds; only a delete can warn of
     * hooks that fail; and what became of a resctrl group stands in the state.
     */
    static boolean suffices(RuntimeConfig config) {
        return config.linux().creates(NamespaceType.PID)
                && config.linux().has(NamespaceType.MOUNT)
                && config.hooks().poststop().isEmpty()
                && config.linux().intelRdt() == null;
    }

    static Program program(RuntimeConfig config, HostDescription host, ContainerRequest request) {
        var acts = new Acts();
        acts.removeCgroups(
                ContainerCgroups.of(
                        host.cgroups(),
                        config.linux().cgroupsPath(),
                        request.id(),
                        request.rootlessCgroups()),
                true);
        acts.removeState(request.stateRoot(), request.id(), 0);
        return acts.build();
    }
}
