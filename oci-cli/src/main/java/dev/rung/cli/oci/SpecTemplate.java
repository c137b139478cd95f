package dev.rung.cli.oci;

import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** The config.json that "spec" writes: the container that runc's describes, too. */
final class SpecTemplate {
    private static final List<String> CAPABILITIES =
            List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");
    private static final List<String> MASKED =
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
                    "/proc/scsi");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final JsonWriter writer = JsonWriter.indented("\t");

    private SpecTemplate() {}

    /**
     * @param cgroupNamespace where all controllers are in one hierarchy (version 2)
     */
    static byte[] ofRoot(boolean cgroupNamespace) {
        var template = new SpecTemplate();
        template.write(cgroupNamespace, false, 0, 0);
        return template.writer.bytes();
    }

    /** For an ordinary user, who becomes root in a user namespace of one id. */
    static byte[] rootless(boolean cgroupNamespace, long uid, long gid) {
        var template = new SpecTemplate();
        template.write(cgroupNamespace, true, uid, gid);
        return template.writer.bytes();
    }

    private void write(boolean cgroupNamespace, boolean rootless, long uid, long gid) {
        writer.beginObject().field("ociVersion", RuntimeConfig.SPECIFICATION);
        process();
        writer.name("root").beginObject();
        writer.field("path", "rootfs").field("readonly", true).endObject();
        writer.field("hostname", "rung");
        mounts(rootless);
        writer.name("linux").beginObject();
        if (rootless) {
            mapping("uidMappings", uid);
            mapping("gidMappings", gid);
        } else {
            writer.name("resources").beginObject().name("devices").beginArray();
            writer.beginObject().field("allow", false).field("access", "rwm").endObject();
            writer.endArray().endObject();
        }
        namespaces(cgroupNamespace, rootless);
        writer.field("maskedPaths", MASKED).field("readonlyPaths", READ_ONLY);
        writer.endObject().endObject();
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
        writer.field("cwd", "/").name("capabilities").beginObject();
        writer.field("bounding", CAPABILITIES).field("effective", CAPABILITIES);
        writer.field("permitted", CAPABILITIES).endObject();
        writer.name("rlimits").beginArray().beginObject();
        writer.field("type", "RLIMIT_NOFILE").field("hard", 1024).field("soft", 1024);
        writer.endObject().endArray().field("noNewPrivileges", true).endObject();
    }

    private void mounts(boolean rootless) {
        writer.name("mounts").beginArray();
        mount("/proc", "proc", "proc");
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        var terminals =
                new ArrayList<>(
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        if (!rootless) {
            terminals.add("gid=5"); // the one id that a rootless container has is not that
        }
        mount("/dev/pts", "devpts", "devpts", terminals.toArray(String[]::new));
        String[] memory = {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"};
        mount("/dev/shm", "tmpfs", "shm", memory);
        mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        if (rootless) {
            mount("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro");
        } else {
            mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        }
        String[] cgroups = {"nosuid", "noexec", "nodev", "relatime", "ro"};
        mount("/sys/fs/cgroup", "cgroup", "cgroup", cgroups);
        writer.endArray();
    }

    private void mount(String destination, String type, String source, String... options) {
        writer.beginObject().field("destination", destination).field("type", type);
        writer.field("source", source).optional("options", List.of(options)).endObject();
    }

    private void mapping(String name, long hostId) {
        writer.name(name).beginArray().beginObject().field("containerID", 0);
        writer.field("hostID", hostId).field("size", 1).endObject().endArray();
    }

    private void namespaces(boolean cgroup, boolean rootless) {
        var types = new ArrayList<>(List.of("pid", "network", "ipc", "uts", "mount"));
        if (cgroup) {
            types.add("cgroup");
        }
        if (rootless) {
            types.remove("network");
            types.add("user");
        }
        writer.name("namespaces").beginArray();
        for (String type : types) {
            writer.beginObject().field("type", type).endObject();
        }
        writer.endArray();
    }
}
