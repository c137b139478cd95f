package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.config.Blueprint.Machine;
import dev.rung.engine.config.Capabilities;
import dev.rung.linux.IdMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What there is to know of the machine, once. */
final class HostFacts {
    private HostFacts() {}

    static Machine machine() {
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        String name = System.getProperty("os.arch", "").equals("amd64") ? "x86_64" : "aarch64";
        List<String> capabilities = Capabilities.names(capabilities());
        IdMap groups = IdMap.ofGroups();
        return groups.isWhole()
                ? new Machine(name, capabilities, unified, countsHugePages())
                : new Machine(
                        name,
                        capabilities,
                        unified,
                        groups.count(),
                        DelegatedCgroup.find(),
                        countsHugePages());
    }

    /** Whether there is the controller, in either version of cgroups. */
    private static boolean countsHugePages() {
        if (Files.isDirectory(Path.of("/sys/fs/cgroup/hugetlb"))) {
            return true;
        }
        for (String line : CgroupFiles.lines(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
            if (List.of(line.split(" ")).contains("hugetlb")) {
                return true;
            }
        }
        return false;
    }

    /** Those that we hold and may hand on (proc(5)). */
    private static long capabilities() {
        long held = -1;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:") || line.startsWith("CapBnd:")) {
                    held &= Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
                }
            }
            return held;
        } catch (IOException e) {
            throw new Failure.HostRefused("read /proc/self/status: " + e.getMessage(), e);
        }
    }
}
