package dev.rung.isolation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container's program depends on besides its config: the kernel, what is switched on in it,
 * and what the caller may do. A plain value, so that any host can be compiled for on any machine.
 *
 * @param machine as uname(2) says: x86_64, aarch64
 * @param kernelRelease as uname(2) says
 * @param caller who runs the program
 * @param cgroups where control groups are mounted
 * @param lastCapability the highest capability that the kernel knows
 * @param appArmor whether profiles can be set
 * @param seLinux whether it is enabled
 * @param resctrl the file system of that name, null: not mounted
 * @param timeNamespaces whether the kernel has them
 * @param kcore whether /proc/kcore is there, so that /dev/core can be a link to it
 */
public record HostDescription(
        String machine,
        String kernelRelease,
        Caller caller,
        Cgroups cgroups,
        int lastCapability,
        boolean appArmor,
        boolean seLinux,
        @Nullable Resctrl resctrl,
        boolean timeNamespaces,
        boolean kcore) {

    /**
     * The resctrl file system.
     *
     * @param mountPoint absolute
     * @param cache whether the L3 cache can be divided (CAT)
     * @param bandwidth whether the memory bandwidth can be (MBA)
     */
    public record Resctrl(String mountPoint, boolean cache, boolean bandwidth) {}

    /** How a host's control groups are laid out. */
    public enum Layout {
        /** No cgroup file system is mounted. */
        NONE,
        /** Version 1 hierarchies only, or with version 2 beside them for naming only (hybrid). */
        LEGACY,
        /** Version 2 alone. */
        UNIFIED
    }

    /**
     * The process that runs the program.
     *
     * @param uid effective
     * @param gid effective
     * @param effective capabilities, a bit mask
     * @param bounding capabilities, a bit mask
     * @param initialUserNamespace whether all ids are mapped to themselves
     */
    public record Caller(
            long uid, long gid, long effective, long bounding, boolean initialUserNamespace) {

        /** Whether the effective set holds the capability of this number. */
        public boolean can(int capability) {
            return (effective >> capability & 1) != 0;
        }
    }

    /**
     * The mounted control groups.
     *
     * @param hierarchies in the order of /proc/self/cgroup; under {@link Layout#UNIFIED} one; under
     *     {@link Layout#LEGACY} version 2 is among them only where its controllers are wanted
     */
    public record Cgroups(Layout layout, List<Hierarchy> hierarchies) {
        public Cgroups {
            hierarchies = List.copyOf(hierarchies);
        }
    }

    /**
     * One mounted hierarchy.
     *
     * @param mountPoint where, such as /sys/fs/cgroup/cpu,cpuacct
     * @param root which of its cgroups is seen at the mount point, as mountinfo says
     * @param own the caller's cgroup in it, as /proc/self/cgroup says
     * @param controllers version 1: those attached, "name=systemd" for a named one; version 2:
     *     those of cgroup.controllers at the mount point
     * @param unified whether it is version 2
     */
    public record Hierarchy(
            String mountPoint, String root, String own, List<String> controllers, boolean unified) {
        public Hierarchy {
            controllers = List.copyOf(controllers);
        }
    }
}
