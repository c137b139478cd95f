package dev.rung.engine;

import java.nio.file.Path;
import java.util.List;

/**
 * How pods of a kubelet get their network.
 *
 * @param used whether they join the first CNI network there is; else the engine's own bridge
 * @param networks the folder of the administrator's networks
 * @param programs folders of plugins, the first that has one counts
 */
public record CniFolders(boolean used, Path networks, List<Path> programs) {
    /** Where others look, too. */
    public static final CniFolders USUAL =
            new CniFolders(
                    false,
                    Path.of("/etc/cni/net.d"),
                    List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")));

    public CniFolders {
        programs = List.copyOf(programs);
    }
}
