package dev.rung.engine.config;

import dev.rung.engine.config.Blueprint.ResolvedMount;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is mounted in a container: the file systems that every one has, less those that were asked
 * for otherwise, then the others, those further up first.
 */
final class MountList {
    /** Where the program of {@code --init} lies in the container. */
    static final String INIT = "/sbin/docker-init";

    private static final int TERMINALS_GROUP = 5; // tty

    private final Blueprint container;

    MountList(Blueprint container) {
        this.container = container;
    }

    void write(JsonWriter json) {
        json.name("mounts").beginArray();
        for (ResolvedMount mount : all()) {
            json.beginObject()
                    .field("destination", mount.destination())
                    .field("type", mount.type())
                    .field("source", mount.source());
            IdMapping ids = mount.type().equals("bind") ? container.ids() : null;
            if (ids == null) {
                json.field("options", mount.options()).endObject();
                continue;
            }
            var options = new ArrayList<>(mount.options());
            options.add(options.contains("rbind") ? "ridmap" : "idmap");
            json.field("options", options);
            ConfigJson.mapping(json, "uidMappings", ids);
            ConfigJson.mapping(json, "gidMappings", ids);
            json.endObject();
        }
        json.endArray();
    }

    private List<ResolvedMount> all() {
        var mounts = new ArrayList<ResolvedMount>();
        for (ResolvedMount mount : common()) {
            if (!isReplaced(mount.destination())) {
                mounts.add(mount);
            }
        }
        var others = new ArrayList<>(container.mounts());
        if (container.initProgram() != null) {
            others.add(ResolvedMount.bind(container.initProgram(), INIT, "bind", "ro"));
        }
        others.sort(Comparator.comparingInt(MountList::depth));
        mounts.addAll(others);
        return mounts;
    }

    private static int depth(ResolvedMount mount) {
        int depth = 0;
        String path = mount.destination();
        for (int i = 0; i + 1 < path.length(); i++) {
            depth += path.charAt(i) == '/' ? 1 : 0;
        }
        return depth;
    }

    /** Whether something else comes there, or to a folder above: but for "/", as in Docker. */
    private boolean isReplaced(String destination) {
        for (ResolvedMount mount : container.mounts()) {
            String other = mount.destination();
            if (destination.equals(other)
                    || other.equals("/dev") && destination.startsWith("/dev/")) {
                return true;
            }
        }
        return false;
    }

    private List<ResolvedMount> common() {
        boolean privileged = container.host().privileged();
        String access = privileged ? "rw" : "ro";
        var mounts = new ArrayList<ResolvedMount>();
        boolean rootless = container.machine().rootless();
        if (rootless && container.shared().contains(NamespaceType.PID)) {
            // a proc of process numbers that are not its own is not a user namespace's to mount
            mounts.add(ResolvedMount.bind("/proc", "/proc", "rbind", "nosuid", "noexec", "nodev"));
        } else {
            mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
        }
        mounts.add(
                mount(
                        "/dev",
                        "tmpfs",
                        "tmpfs",
                        "nosuid",
                        "strictatime",
                        "mode=755",
                        "size=65536k"));
        var terminals =
                new ArrayList<>(
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        if (container.machine().ids() > TERMINALS_GROUP) {
            terminals.add("gid=" + TERMINALS_GROUP);
        }
        mounts.add(new ResolvedMount("devpts", "devpts", "/dev/pts", terminals));
        mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access));
        mounts.add(
                mount("/sys/fs/cgroup", "cgroup", "cgroup", access, "nosuid", "noexec", "nodev"));
        if (!rootless || !container.shared().contains(NamespaceType.IPC)) {
            mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
        }
        sharedMemory(mounts);
        return mounts;
    }

    private void sharedMemory(List<ResolvedMount> mounts) {
        if (container.host().ipc().kind() == NamespaceMode.Kind.NONE) {
            return;
        }
        if (container.shared().contains(NamespaceType.IPC)) {
            mounts.add(ResolvedMount.bind("/dev/shm", "/dev/shm", "rbind", "rprivate"));
            return;
        }
        mounts.add(
                mount(
                        "/dev/shm",
                        "tmpfs",
                        "shm",
                        "nosuid",
                        "noexec",
                        "nodev",
                        "mode=1777",
                        "size=" + container.host().shmSize()));
    }

    private static ResolvedMount mount(
            String destination, String type, String source, String... options) {
        return new ResolvedMount(type, source, destination, List.of(options));
    }
}
