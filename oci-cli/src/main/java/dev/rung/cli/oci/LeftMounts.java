package dev.rung.cli.oci;

import dev.rung.host.compile.HostMounts;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mounts of a container without a mount namespace: they lie in the caller's, and stay until delete
 * takes them away. Only those that were not there before are its own.
 */
final class LeftMounts {
    private static final String TABLE = "/proc/self/mountinfo";
    private static final int LARGEST_TABLE = 8 << 20;

    private final Call call;

    LeftMounts(Call call) {
        this.call = call;
    }

    /**
     * What is mounted below the root of a container that is to be made; null when it makes no mount
     * that would stay. At "/" the mounts are meant for the host itself.
     */
    @Nullable HostMounts before(Bundle bundle) {
        RuntimeConfig config = bundle.config();
        if (config.linux().has(NamespaceType.MOUNT) || config.mounts().isEmpty()) {
            return null;
        }
        String root = call.files().canonical(bundle.rootfs());
        if (root == null || root.equals("/")) {
            return null;
        }
        var ids = new ArrayList<Long>();
        for (Line line : below(root)) {
            ids.add(line.id());
        }
        return new HostMounts(root, ids);
    }

    /** Unmounts what was not there before, the newest first. */
    void unmount(@Nullable HostMounts made) {
        if (made == null) {
            return;
        }
        var acts = new Acts();
        boolean any = false;
        for (Line line : below(made.root()).reversed()) {
            if (!made.before().contains(line.id())) {
                acts.unmount(line.point());
                any = true;
            }
        }
        if (any) {
            new Execution(call).run(acts.build());
        }
    }

    private record Line(long id, String point) {}

    /** The mounts at and below a path, the oldest first. */
    private List<Line> below(String root) {
        Files.Content table = call.files().read(TABLE, LARGEST_TABLE);
        var lines = new ArrayList<Line>();
        for (String line : table.text().lines().toList()) {
            String[] fields = line.split(" ", 6);
            String point = HostReader.unescaped(fields[4]);
            if (point.equals(root) || point.startsWith(root + "/")) {
                lines.add(new Line(Long.parseLong(fields[0]), point));
            }
        }
        return lines;
    }
}
