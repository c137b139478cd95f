package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.spec.Limits;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** The cgroup above those of a pod's containers, with the limits of them all. */
final class PodCgroup {
    private static final long LEAST_WEIGHT = 1;
    private static final long SHARES_TO_WEIGHT = 9999;
    private static final long MOST_SHARES = 262_142;

    private PodCgroup() {}

    /**
     * Sets the limits, in the parents of a process's own cgroups; gives the folders. Its container
     * must not run yet.
     */
    static List<Path> limit(int pid, Limits limits) {
        CgroupFiles cgroups = CgroupFiles.of(pid);
        var parents = new TreeSet<Path>();
        for (Path folder : cgroups.all()) {
            parents.add(folder.resolveSibling(""));
        }
        limit(parents, limits);
        return new ArrayList<>(parents);
    }

    /** Sets them in these folders. */
    static void limit(Collection<Path> parents, Limits limits) {
        long memory = limits.memory();
        if (memory > 0) {
            set(parents, "memory.limit_in_bytes", Long.toString(memory));
            set(parents, "memory.max", Long.toString(memory));
        }
        long quota = limits.effectiveQuota();
        if (quota > 0) {
            long period = limits.effectivePeriod() > 0 ? limits.effectivePeriod() : 100_000;
            set(parents, "cpu.cfs_period_us", Long.toString(period));
            set(parents, "cpu.cfs_quota_us", Long.toString(quota));
            set(parents, "cpu.max", quota + " " + period);
        }
        long shares = limits.cpuShares();
        if (shares > 0) {
            set(parents, "cpu.shares", Long.toString(shares));
            long weight = LEAST_WEIGHT + (shares - 2) * SHARES_TO_WEIGHT / MOST_SHARES;
            set(parents, "cpu.weight", Long.toString(Math.max(LEAST_WEIGHT, weight)));
        }
        Long processes = limits.pids();
        if (processes != null && processes > 0) {
            set(parents, "pids.max", Long.toString(processes));
        }
    }

    private static void set(Collection<Path> folders, String name, String value) {
        for (Path folder : folders) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                try {
                    Files.writeString(file, value);
                } catch (IOException e) {
                    throw new Failure.HostRefused(
                            "set " + file + " to " + value + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /** Where a pod's cgroup is in each hierarchy, below a parent that begins with a slash. */
    static List<Path> folders(String parent, ContainerId pod) {
        var folders = new ArrayList<Path>();
        for (Path mount : CgroupFiles.mountPoints()) {
            folders.add(Path.of(mount + parent + "/pod-" + pod));
        }
        return folders;
    }

    /** Removes them, when no container is in them any more. */
    static void remove(List<Path> folders) {
        for (Path folder : folders) {
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException _) {
                // a cgroup in it is about to go
            } catch (IOException _) {
                // the same, in the words of other file systems
            }
        }
    }
}
