package dev.rung.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How pods of a kubelet get their network.
 *
 * @param used whether they join CNI networks; else the engine's own bridge
 * @param networks the folder of the administrator's networks
 * @param programs folders of plugins, the first that has one counts
 * @param network the name of the only one that they join; empty: the first ones of the folder
 * @param most how many of those, 0: all of them
 * @param first which address is the pod's own
 * @param patience how long a plugin may take
 */
public record CniOptions(
        boolean used,
        Path networks,
        List<Path> programs,
        String network,
        int most,
        First first,
        Duration patience) {
    /** Which of a pod's addresses is told first. */
    public enum First {
        IPV4,
        IPV6,
        /** As the plugins have them. */
        PLUGIN
    }

    /**
     * Where others look, too. A kubelet gives up StopPodSandbox after two minutes, RunPodSandbox
     * after four: a plugin that hangs is told of before, and what it left half done is taken back.
     */
    public static final CniOptions USUAL =
            new CniOptions(
                    false,
                    Path.of("/etc/cni/net.d"),
                    List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                    "",
                    1,
                    First.IPV4,
                    Duration.ofMinutes(1));

    public CniOptions {
        programs = List.copyOf(programs);
    }
}
