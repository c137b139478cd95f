package dev.rung.network.cni;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Programs that add for a container now, so that who takes the container away need not wait for one
 * that hangs. Safe for threads.
 */
final class PluginCalls {
    private final Map<String, Set<Process>> adding = new ConcurrentHashMap<>();

    void began(String container, Process process) {
        adding.compute(
                container,
                (_, there) -> {
                    Set<Process> all = there == null ? ConcurrentHashMap.newKeySet() : there;
                    all.add(process);
                    return all;
                });
    }

    void ended(String container, Process process) {
        adding.computeIfPresent(
                container,
                (_, all) -> {
                    all.remove(process);
                    return all.isEmpty() ? null : all;
                });
    }

    /** Kills those for that container with all that they have started. */
    void end(String container) {
        adding.getOrDefault(container, Set.of()).forEach(PluginCalls::kill);
    }

    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
