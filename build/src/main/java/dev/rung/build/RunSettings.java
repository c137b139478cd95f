package dev.rung.build;

import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.RestartPolicy;
import dev.rung.engine.spec.Ulimit;
import java.util.List;
import java.util.Map;

/**
 * What the containers of RUN may use.
 *
 * @param network as docker's --network; empty: the default one
 * @param shmSize of /dev/shm in bytes, 0: the engine's own
 * @param hosts NAME:ADDRESS
 * @param runtime empty: the default one
 * @param userns host, or empty: one of its own, where nothing speaks against it
 */
public record RunSettings(
        String network,
        Limits limits,
        long shmSize,
        List<String> hosts,
        List<Ulimit> ulimits,
        String cgroupParent,
        List<String> securityOptions,
        String runtime,
        String userns) {
    /** Nothing asked for. */
    public static final RunSettings USUAL =
            new RunSettings("", Limits.NONE, 0, List.of(), List.of(), "", List.of(), "", "");

    /** For one container. */
    HostOptions host(String stepNetwork, List<MountOption> mounts, Map<String, String> marks) {
        HostOptions none = HostOptions.DEFAULT;
        return new HostOptions(
                mounts,
                none.volumesFrom(),
                new LogOptions("none", Map.of()),
                NamespaceMode.parse(stepNetwork.isEmpty() ? network : stepNetwork),
                none.ports(),
                false,
                RestartPolicy.NEVER,
                false,
                none.capAdd(),
                none.capDrop(),
                none.cgroupns(),
                none.dns(),
                none.dnsOptions(),
                none.dnsSearch(),
                hosts,
                none.groupAdd(),
                none.ipc(),
                none.pid(),
                none.uts(),
                userns,
                none.oomScoreAdj(),
                false,
                false,
                securityOptions,
                shmSize,
                runtime,
                none.sysctls(),
                marks,
                limits,
                none.devices(),
                none.deviceRules(),
                ulimits,
                none.init(),
                cgroupParent,
                none.secrets(),
                "",
                none.links(),
                none.cri());
    }
}
