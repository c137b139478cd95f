package dev.rung.engine;

import dev.rung.engine.record.CniWish;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.NetworkWish;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for when a pod is made.
 *
 * @param name null: one is made up
 * @param hostname empty: the pod's name
 * @param host of which networks, ports, names, network sysctls, the size of /dev/shm, limits and
 *     the cgroup parent count
 * @param networks empty: the one that the options name, if any
 * @param cni what it asks of the CNI network that it joins in place of them; null: none
 * @param shares of net, ipc, uts and pid
 * @param exitStops whether it is stopped when the last of its containers ends
 */
public record NewPod(
        @Nullable ContainerName name,
        String hostname,
        Map<String, String> labels,
        HostOptions host,
        List<NetworkWish> networks,
        @Nullable CniWish cni,
        Set<String> shares,
        boolean exitStops) {
    /** What podman's pods share. */
    public static final Set<String> USUAL_SHARES = Set.of("net", "ipc", "uts");
}
