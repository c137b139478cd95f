package dev.rung.engine;

import dev.rung.engine.spec.HostDefaults;
import dev.rung.image.PinnedImages;
import java.nio.file.Path;
import java.util.List;

/**
 * What the person who runs the engine has settled for all containers.
 *
 * @param runtimes besides the built-in one, and before those that are found
 * @param defaultRuntime a name, empty: the built-in one
 * @param cgroups who makes them, from the engine's start on
 * @param cni networks of pods, from the engine's start on
 * @param hooks folders that describe programs to be run for containers, from the engine's start on
 * @param pinned images that are not removed for want of use
 * @param criu its path, for checkpoints, from the engine's start on; empty: it is looked for
 * @param checkpointImages whether a kubelet's container goes on from an image that holds a
 *     checkpoint
 */
public record EngineOptions(
        List<NamedRuntime> runtimes,
        String defaultRuntime,
        HostDefaults defaults,
        CgroupDriver cgroups,
        CniOptions cni,
        List<Path> hooks,
        PinnedImages pinned,
        String criu,
        boolean checkpointImages) {
    /** The name of the runtime that is built in. */
    public static final String HOST = HostRuntime.NAME;

    /** Nothing settled. */
    public static final EngineOptions USUAL =
            new EngineOptions(
                    List.of(),
                    "",
                    HostDefaults.USUAL,
                    CgroupDriver.CGROUPFS,
                    CniOptions.USUAL,
                    List.of(),
                    PinnedImages.NONE,
                    "",
                    false);

    /**
     * An OCI runtime's binary.
     *
     * @param options that stand before each verb
     */
    public record NamedRuntime(String name, Path binary, List<String> options) {}
}
