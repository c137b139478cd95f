package dev.rung.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an engine without root may make control groups: below its own of version 2 when that was
 * delegated to the user (cgroups(7) "Cgroups delegation"), or beside it. Of version 1 nothing is.
 */
final class DelegatedCgroup {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final String LEAF = "rung-engine";
    private static final Set<String> OURS =
            Set.of("rung-holder", "rung-spawner", "rung-worker", "rung-monitor", "rungd");

    private DelegatedCgroup() {}

    /** The path above those of containers, such as /user.slice/a.service; null: there is none. */
    static @Nullable String find() {
        if (!MachineFacts.hasUnifiedCgroups()) {
            return null;
        }
        for (String line : CgroupFiles.lines(Path.of("/proc/self/cgroup"))) {
            if (line.startsWith("0::/")) {
                return find(line.substring("0::".length()));
            }
        }
        return null;
    }

    private static @Nullable String find(String own) {
        String above = own.substring(0, own.lastIndexOf('/'));
        if (own.endsWith("/" + LEAF)) {
            return above;
        } else if (isDelegated(own) && isEmptied(own)) {
            return own.equals("/") ? "" : own;
        }
        return isDelegated(above + "/") ? above : null;
    }

    private static boolean isDelegated(String path) {
        Path folder = Path.of(MOUNT + path);
        return Files.isWritable(folder)
                && Files.isWritable(folder.resolve("cgroup.procs"))
                && Files.isWritable(folder.resolve("cgroup.subtree_control"));
    }

    /** A cgroup with processes hands no controllers down, so the engine's move into one below. */
    private static boolean isEmptied(String own) {
        Path folder = Path.of(MOUNT + own);
        List<String> pids = CgroupFiles.lines(folder.resolve("cgroup.procs"));
        String self = Long.toString(ProcessHandle.current().pid());
        for (String pid : pids) {
            List<String> name = CgroupFiles.lines(Path.of("/proc/" + pid + "/comm"));
            if (!pid.equals(self) && (name.isEmpty() || !OURS.contains(name.getFirst()))) {
                return false;
            }
        }
        try {
            Path leaf = folder.resolve(LEAF);
            if (!Files.exists(leaf)) {
                Files.createDirectory(leaf);
            }
            for (String pid : pids) {
                Files.writeString(leaf.resolve("cgroup.procs"), pid);
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
