package dev.rung.host.compile;

import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.program.FileStep.AT_SYMLINK_NOFOLLOW;
import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_NOFOLLOW;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.S_IFBLK;
import static dev.rung.program.FileStep.S_IFCHR;
import static dev.rung.program.FileStep.S_IFIFO;
import static dev.rung.program.FileStep.S_IFMT;

import dev.rung.oci.LinuxConfig.Device;
import dev.rung.program.FileStep.Fchownat;
import dev.rung.program.FileStep.Mknodat;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nodes and links of the container's /dev (config-linux.md "Devices", "Default Devices";
 * runtime-linux.md "Dev symbolic links").
 */
final class Devices {
    private static final String FOLDER = "/dev";

    private final ContainerPlan plan;
    private final Script s;
    private final Slot root;
    private final List<@Nullable Slot> outside;

    /**
     * For one container.
     *
     * @param outside nodes that the front end made, by the number of the device, null where it made
     *     none
     */
    Devices(ContainerPlan plan, Script s, Slot root, List<@Nullable Slot> outside) {
        this.plan = plan;
        this.s = s;
        this.root = root;
        this.outside = outside;
    }

    void all() {
        s.at("linux.devices", "error creating device nodes");
        Slot dev = plan.mountsDev() ? s.ensureDirectory("dev", root, FOLDER) : ordinary();
        standard(dev, "null", 3);
        standard(dev, "random", 8);
        standard(dev, "full", 7);
        terminal(dev);
        standard(dev, "zero", 5);
        standard(dev, "urandom", 9);
        List<Device> devices = plan.linux().devices();
        for (int i = 0; i < devices.size(); i++) {
            s.at("linux.devices[" + i + "]", "error creating device nodes");
            configured(dev, devices.get(i), outside.get(i));
        }
        links(dev);
        s.close(dev);
    }

    /** The image's own: a link would be one that leads us astray. */
    private Slot ordinary() {
        s.mkdirat(root, "dev", 0755).tolerating(EEXIST);
        return s.openNoLinks("dev", root, "dev", O_PATH | O_DIRECTORY);
    }

    private void links(Slot dev) {
        s.at("linux.devices", "error setting up ptmx");
        s.unlinkat(dev, "ptmx", 0).tolerating(ENOENT);
        s.symlinkat("pts/ptmx", dev, "ptmx");
        s.at("linux.devices", "error setting up /dev symlinks");
        s.symlinkat("/proc/self/fd", dev, "fd").tolerating(EEXIST);
        s.symlinkat("/proc/self/fd/0", dev, "stdin").tolerating(EEXIST);
        s.symlinkat("/proc/self/fd/1", dev, "stdout").tolerating(EEXIST);
        s.symlinkat("/proc/self/fd/2", dev, "stderr").tolerating(EEXIST);
        if (plan.host().kcore()) {
            s.symlinkat("/proc/kcore", dev, "core").tolerating(EEXIST);
        }
    }

    private void standard(Slot dev, String name, int minor) {
        if (!isConfigured(FOLDER + "/" + name)) {
            node(dev, name, FOLDER + "/" + name, S_IFCHR | 0666, 1, minor, 0, 0);
        }
    }

    private void terminal(Slot dev) {
        if (!isConfigured("/dev/tty")) {
            node(dev, "tty", "/dev/tty", S_IFCHR | 0666, 5, 0, 0, 0);
        }
    }

    private boolean isConfigured(String path) {
        List<Device> devices = plan.linux().devices();
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i).path().equals(path)) {
                return true;
            }
        }
        return false;
    }

    /** /dev/ptmx is always a link to the container's own. */
    static boolean isLink(Device device) {
        return CleanPath.absolute(device.path()).equals("/dev/ptmx");
    }

    /** What mknod(2) takes. */
    static int mode(Device device) {
        int type =
                switch (device.type()) {
                    case CHARACTER, UNBUFFERED -> S_IFCHR;
                    case BLOCK -> S_IFBLK;
                    case FIFO -> S_IFIFO;
                };
        return type | (device.fileMode() == null ? 0666 : device.fileMode());
    }

    private void configured(Slot dev, Device device, @Nullable Slot made) {
        if (isLink(device)) {
            return;
        }
        String path = CleanPath.absolute(device.path());
        long uid = device.uid() == null ? 0 : device.uid();
        long gid = device.gid() == null ? 0 : device.gid();
        String parent = CleanPath.parent(path);
        boolean inDev = parent.equals(FOLDER);
        Slot folder = inDev ? dev : s.ensureDirectory("parent", root, parent);
        String name = CleanPath.name(path);
        Mark done = s.mark();
        if (made != null) {
            Mark refused = s.mark();
            s.skipUnlessGood(made, refused);
            put(made, folder, name);
            s.jump(done).place(refused);
        }
        node(folder, name, device.path(), mode(device), device.major(), device.minor(), uid, gid);
        s.place(done);
        if (!inDev) {
            s.close(folder);
        }
    }

    private void node(
            Slot folder,
            String name,
            String path,
            int mode,
            long major,
            long minor,
            long uid,
            long gid) {
        if (!plan.makesNodes() && (mode & S_IFMT) != S_IFIFO) {
            bound(folder, name, path);
            return;
        }
        // One that is there stays as it is. The umask is zero, so the mode needs no correction.
        Mark there = s.mark();
        s.add(new Mknodat(folder, name, mode, major, minor));
        s.orElse(there, EEXIST);
        if (uid != 0 || gid != 0) {
            s.add(new Fchownat(folder, name, uid, gid, AT_SYMLINK_NOFOLLOW));
        }
        s.place(there);
    }

    /** Where no node can be made, the host's is bound onto an empty file. */
    private void bound(Slot folder, String name, String path) {
        Slot tree = s.copyTree("device", Operand.CWD, path, 0);
        s.setAttributes(tree, MountOptions.NOSUID | MountOptions.NOEXEC, 0);
        put(tree, folder, name);
    }

    private void put(Slot tree, Slot folder, String name) {
        Slot target = s.openat("target", folder, name, O_CREAT | O_NOFOLLOW, 0);
        s.moveMount(tree, target);
        s.close(tree);
        s.close(target);
    }
}
