package dev.rung.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which limits the control groups of this machine can set, as {@code docker info} tells it. */
public record CgroupAbilities(
        boolean memory,
        boolean swap,
        boolean cpuQuota,
        boolean cpuShares,
        boolean cpuset,
        boolean pids,
        boolean oomKillDisable,
        boolean kernelMemoryTcp) {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    /** As they are mounted now. */
    public static CgroupAbilities now() {
        if (MachineFacts.hasUnifiedCgroups()) {
            return ofVersion2();
        }
        return new CgroupAbilities(
                has("memory/memory.limit_in_bytes"),
                has("memory/memory.memsw.limit_in_bytes"),
                has("cpu/cpu.cfs_quota_us"),
                has("cpu/cpu.shares"),
                has("cpuset/cpuset.cpus"),
                has("pids/cgroup.procs"),
                has("memory/memory.oom_control"),
                has("memory/memory.kmem.tcp.limit_in_bytes"));
    }

    private static boolean has(String file) {
        return Files.exists(ROOT.resolve(file));
    }

    private static CgroupAbilities ofVersion2() {
        Set<String> known = new HashSet<>();
        for (String line : CgroupFiles.lines(ROOT.resolve("cgroup.controllers"))) {
            known.addAll(List.of(line.split(" ")));
        }
        boolean swap = false;
        for (String line : CgroupFiles.lines(Path.of("/proc/self/cgroup"))) {
            if (line.startsWith("0::/") && line.length() > "0::/".length()) {
                swap = has(line.substring("0::/".length()) + "/memory.swap.max");
            }
        }
        boolean cpu = known.contains("cpu");
        return new CgroupAbilities(
                known.contains("memory"),
                swap,
                cpu,
                cpu,
                known.contains("cpuset"),
                known.contains("pids"),
                false,
                false);
    }
}
