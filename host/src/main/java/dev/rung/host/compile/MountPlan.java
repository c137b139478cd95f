package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.oci.Mount;

/**
 * One entry of "mounts", understood.
 *
 * @param key of the config
 * @param destination absolute and clean, below the container's root
 * @param source of a bind: absolute; else what /proc/self/mounts shows first
 * @param say what is said when it fails
 */
record MountPlan(
        String key,
        Mount mount,
        MountOptions options,
        Kind kind,
        String type,
        String source,
        String destination,
        String say) {

    /** What makes a difference to how it is made. */
    enum Kind {
        BIND,
        PROC,
        SYSFS,
        TMPFS,
        MQUEUE,
        CGROUP,
        OTHER
    }

    static MountPlan of(int index, Mount mount, String bundle) {
        String key = "mounts[" + index + "]";
        MountOptions options = MountOptions.of(mount.options());
        String type = mount.type() == null ? "" : mount.type();
        String source = mount.source() == null ? "" : mount.source();
        Kind kind =
                options.bind()
                        ? Kind.BIND
                        : switch (type) {
                            case "proc" -> Kind.PROC;
                            case "sysfs" -> Kind.SYSFS;
                            case "tmpfs" -> Kind.TMPFS;
                            case "mqueue" -> Kind.MQUEUE;
                            case "cgroup", "cgroup2" -> Kind.CGROUP;
                            default -> Kind.OTHER;
                        };
        String destination = CleanPath.absolute(mount.destination());
        String say =
                "error mounting "
                        + Quoted.of(source)
                        + " to rootfs at "
                        + Quoted.of(mount.destination());
        if (kind == Kind.BIND) {
            source = CleanPath.from(bundle, source);
        }
        var plan = new MountPlan(key, mount, options, kind, type, source, destination, say);
        plan.checkDestination();
        return plan;
    }

    /** A bind has the options of the file system that it shows, whatever it is asked for. */
    boolean hasIdleOptions() {
        return kind == Kind.BIND && !options.data().isEmpty();
    }

    boolean idMapped() {
        return options.idMap() || !mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty();
    }

    /** Whether it is to be read-only only once everything in it is made. */
    boolean readonlyLater() {
        return options.readonly() && (kind == Kind.TMPFS || destination.equals("/dev"));
    }

    /**
     * Nothing but a proc file system may cover /proc or lie inside it, or a container could lie to
     * us about its own processes (CVE-2019-16884). The exceptions are the files that lxcfs offers.
     */
    private void checkDestination() {
        if (!CleanPath.isWithin(destination, "/proc") || isLxcfsFile(destination)) {
            return;
        }
        if (!destination.equals("/proc")) {
            throw refused(Quoted.of(destination) + " cannot be mounted because it is inside /proc");
        }
        if (kind != Kind.PROC && kind != Kind.BIND) {
            throw refused(
                    Quoted.of(destination) + " cannot be mounted because it is not of type proc");
        }
    }

    static boolean isLxcfsFile(String path) {
        return switch (path) {
            case "/proc/cpuinfo",
                    "/proc/diskstats",
                    "/proc/meminfo",
                    "/proc/stat",
                    "/proc/swaps",
                    "/proc/uptime",
                    "/proc/loadavg",
                    "/proc/slabinfo",
                    "/proc/sys/kernel/ns_last_pid",
                    "/proc/sys/crypto/fips_enabled" ->
                    true;
            default -> false;
        };
    }

    private Failure.Invalid refused(String words) {
        return Checks.invalid(key, say + ": " + words);
    }
}
