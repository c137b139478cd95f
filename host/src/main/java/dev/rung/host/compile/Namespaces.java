package dev.rung.host.compile;

import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.Namespace;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.util.ArrayList;
import java.util.List;

/**
 * Which namespaces a container gets and how (config-linux.md "Namespaces").
 *
 * @param fresh clone flags of those that are made when the container's process is forked; neither
 *     the cgroup namespace, which is made once the process stands in its cgroup, nor the time
 *     namespace, which only the next child enters
 * @param joins those to enter by path, the user namespace last
 * @param all clone flags of all in which the container is not with the caller
 */
record Namespaces(long fresh, List<Join> joins, long all) {
    static final long TIME = 0x00000080;
    static final long MOUNT = 0x00020000;
    static final long CGROUP = 0x02000000;
    static final long UTS = 0x04000000;
    static final long IPC = 0x08000000;
    static final long USER = 0x10000000;
    static final long PID = 0x20000000;
    static final long NETWORK = 0x40000000;

    /**
     * @param key of the config
     */
    record Join(NamespaceType type, long flag, String path, String key) {}

    static Namespaces of(LinuxConfig linux) {
        long fresh = 0;
        long all = 0;
        var joins = new ArrayList<Join>(2);
        Join user = null;
        List<Namespace> namespaces = linux.namespaces();
        for (int i = 0; i < namespaces.size(); i++) {
            Namespace namespace = namespaces.get(i);
            long flag = flag(namespace.type());
            all |= flag;
            String path = namespace.path();
            if (path == null) {
                fresh |= flag;
            } else {
                var join = new Join(namespace.type(), flag, path, "linux.namespaces[" + i + "]");
                if (flag == USER) {
                    user = join;
                } else {
                    joins.add(join);
                }
            }
        }
        if (user != null) {
            joins.add(user);
        }
        return new Namespaces(fresh & ~(CGROUP | TIME), joins, all);
    }

    static long flag(NamespaceType type) {
        return switch (type) {
            case PID -> PID;
            case NETWORK -> NETWORK;
            case MOUNT -> MOUNT;
            case IPC -> IPC;
            case UTS -> UTS;
            case USER -> USER;
            case CGROUP -> CGROUP;
            case TIME -> TIME;
        };
    }

    boolean has(long flag) {
        return (all & flag) != 0;
    }

    boolean joins(long flag) {
        for (int i = 0; i < joins.size(); i++) {
            if (joins.get(i).flag == flag) {
                return true;
            }
        }
        return false;
    }

    /** Whether the container gets one of its own. */
    boolean creates(long flag) {
        return has(flag) && !joins(flag);
    }

    /**
     * Whether a process must stand between the caller and the container's: one that enters
     * namespaces which its child is then born into.
     */
    boolean needsMiddle() {
        return !joins.isEmpty() || creates(TIME);
    }
}
