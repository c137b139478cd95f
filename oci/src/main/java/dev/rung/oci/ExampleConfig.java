package dev.rung.oci;

import dev.rung.oci.json.JsonWriter;
import java.util.List;

/**
 * The config that {@code spec} writes: byte for byte that of runc 1.1, whose version of the
 * specification every runtime takes.
 */
public final class ExampleConfig {
    private static final String VERSION = "1.0.2-dev";
    private static final List<String> CAPABILITIES =
            List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");

    private final JsonWriter writer = JsonWriter.indented("\t");
    private final boolean rootless;
    private final boolean cgroupNamespace;

    private ExampleConfig(boolean rootless, boolean cgroupNamespace) {
        this.rootless = rootless;
        this.cgroupNamespace = cgroupNamespace;
    }

    /**
     * For root.
     *
     * @param cgroupNamespace runc asks for one where cgroup v2 alone is mounted
     */
    public static byte[] json(boolean cgroupNamespace) {
        return new ExampleConfig(false, cgroupNamespace).write(0, 0);
    }

    /** For {@code spec --rootless}, with the caller's effective ids mapped to root. */
    public static byte[] rootlessJson(boolean cgroupNamespace, long uid, long gid) {
        return new ExampleConfig(true, cgroupNamespace).write(uid, gid);
    }

    private byte[] write(long uid, long gid) {
        writer.beginObject().field("ociVersion", VERSION);
        process();
        writer.name("root").beginObject().field("path", "rootfs").field("readonly", true);
        writer.endObject().field("hostname", "runc");
        mounts();
        linux(uid, gid);
        return writer.endObject().bytes();
    }

    private void process() {
        writer.name("process").beginObject().field("terminal", true);
        writer.name("user").beginObject().field("uid", 0).field("gid", 0).endObject();
        writer.field("args", List.of("sh"));
        writer.field(
                "env",
                List.of(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "TERM=xterm"));
        writer.field("cwd", "/");
        writer.name("capabilities")
                .beginObject()
                .field("bounding", CAPABILITIES)
                .field("effective", CAPABILITIES)
                .field("permitted", CAPABILITIES)
                .endObject();
        writer.name("rlimits").beginArray().beginObject().field("type", "RLIMIT_NOFILE");
        writer.field("hard", 1024).field("soft", 1024).endObject().endArray();
        writer.field("noNewPrivileges", true).endObject();
    }

    private void mounts() {
        writer.name("mounts").beginArray();
        mount("/proc", "proc", "proc", List.of());
        mount(
                "/dev",
                "tmpfs",
                "tmpfs",
                List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
        List<String> terminals =
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        // the group tty is not mapped for an ordinary user
        mount("/dev/pts", "devpts", "devpts", rootless ? terminals.subList(0, 5) : terminals);
        mount(
                "/dev/shm",
                "tmpfs",
                "shm",
                List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
        mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
        if (rootless) {
            // a sysfs of its own needs a network namespace of its own
            mount("/sys", "none", "/sys", List.of("rbind", "nosuid", "noexec", "nodev", "ro"));
        } else {
            mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
        }
        mount(
                "/sys/fs/cgroup",
                "cgroup",
                "cgroup",
                List.of("nosuid", "noexec", "nodev", "relatime", "ro"));
        writer.endArray();
    }

    private void mount(String destination, String type, String source, List<String> options) {
        writer.beginObject()
                .field("destination", destination)
                .field("type", type)
                .field("source", source)
                .optional("options", options)
                .endObject();
    }

    private void linux(long uid, long gid) {
        writer.name("linux").beginObject();
        if (rootless) {
            mapping("uidMappings", uid);
            mapping("gidMappings", gid);
        } else {
            writer.name("resources").beginObject().name("devices").beginArray().beginObject();
            writer.field("allow", false).field("access", "rwm");
            writer.endObject().endArray().endObject();
        }
        writer.name("namespaces").beginArray();
        namespace("pid");
        if (!rootless) {
            namespace("network");
        }
        namespace("ipc");
        namespace("uts");
        namespace("mount");
        if (cgroupNamespace) {
            namespace("cgroup");
        }
        if (rootless) {
            namespace("user");
        }
        writer.endArray();
        writer.field(
                "maskedPaths",
                List.of(
                        "/proc/acpi",
                        "/proc/asound",
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/latency_stats",
                        "/proc/timer_list",
                        "/proc/timer_stats",
                        "/proc/sched_debug",
                        "/sys/firmware",
                        "/proc/scsi"));
        writer.field(
                "readonlyPaths",
                List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"));
        writer.endObject();
    }

    private void mapping(String name, long host) {
        writer.name(name).beginArray().beginObject();
        writer.field("containerID", 0).field("hostID", host).field("size", 1);
        writer.endObject().endArray();
    }

    private void namespace(String type) {
        writer.beginObject().field("type", type).endObject();
    }
}
