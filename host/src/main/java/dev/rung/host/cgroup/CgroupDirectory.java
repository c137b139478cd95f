package dev.rung.host.cgroup;

import dev.rung.domain.Failure;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.isolation.HostDescription.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * The container's cgroup in one hierarchy.
 *
 * @param hierarchy where the host mounts it
 * @param inside the path below the mount point, starting with '/' and without "." and ".."
 */
public record CgroupDirectory(Hierarchy hierarchy, String inside) {

    /** As the host sees it. */
    public String path() {
        String mount = hierarchy.mountPoint();
        return inside.equals("/") ? mount : mount + inside;
    }

    /** The caller's own cgroup in this hierarchy, as the host sees it. */
    public String callers() {
        String own = below(hierarchy.root(), hierarchy.own());
        return own.equals("/") ? hierarchy.mountPoint() : hierarchy.mountPoint() + own;
    }

    /** Whether the hierarchy carries this version 1 controller, or version 2 has it at all. */
    public boolean has(String controller) {
        return hierarchy.controllers().contains(controller);
    }

    /**
     * Where a container's cgroup lies in each hierarchy (config-linux.md "Cgroups Path"): an
     * absolute path from the mount point on, a relative one from the caller's own cgroup on;
     * without one the container's id counts as a relative path. In version 2 the caller's cgroup
     * most often has processes and so may not have controllers for children: its parent takes the
     * place, as in runc.
     */
    static List<CgroupDirectory> of(Cgroups cgroups, String cgroupsPath, String id) {
        return of(cgroups, cgroupsPath, id, false);
    }

    /** Those of a unit of systemd, which is in version 2 beside version 1, too. */
    static List<CgroupDirectory> ofUnit(Cgroups cgroups, String path) {
        return of(cgroups, path, "", true);
    }

    private static List<CgroupDirectory> of(
            Cgroups cgroups, String cgroupsPath, String id, boolean unit) {
        var result = new ArrayList<CgroupDirectory>();
        for (var hierarchy : cgroups.hierarchies()) {
            if (cgroups.layout() == Layout.LEGACY
                    && hierarchy.unified()
                    && !unit
                    && !hierarchy.controllers().contains("hugetlb")) {
                continue; // it only names processes, for the host's own use
            }
            String wanted = cgroupsPath.isEmpty() ? id : cgroupsPath;
            String inside;
            if (wanted.startsWith("/")) {
                inside = clean(wanted);
            } else {
                String own = below(hierarchy.root(), hierarchy.own());
                String base = hierarchy.unified() ? clean(own + "/..") : own;
                inside = clean(base + clean("/" + wanted));
            }
            if (inside.equals("/")) {
                throw new Failure.Invalid(
                        "config.json: linux.cgroupsPath: \""
                                + cgroupsPath
                                + "\": want a cgroup below the root");
            }
            result.add(new CgroupDirectory(hierarchy, inside));
        }
        return List.copyOf(result);
    }

    /** The path of the caller's cgroup as seen below a mount point that shows only a part. */
    private static String below(String root, String own) {
        if (root.equals("/")) {
            return own;
        }
        return own.startsWith(root + "/") ? own.substring(root.length()) : "/";
    }

    /** An absolute path without empty parts, "." and ".."; ".." at the root stays there. */
    static String clean(String path) {
        var parts = new ArrayList<String>();
        int at = 0;
        while (at < path.length()) {
            int end = path.indexOf('/', at);
            if (end < 0) {
                end = path.length();
            }
            String part = path.substring(at, end);
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
            at = end + 1;
        }
        return "/" + String.join("/", parts);
    }
}
