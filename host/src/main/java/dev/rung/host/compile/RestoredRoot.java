package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.MountStep.AT_RECURSIVE;
import static dev.rung.program.MountStep.MS_REC;
import static dev.rung.program.MountStep.MS_SLAVE;

import dev.rung.host.compile.MountPlan.Kind;
import dev.rung.program.ControlStep.Ensure;
import dev.rung.program.Mark;
import dev.rung.program.MountStep.Mount;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep;
import dev.rung.program.ProcessStep.Unshare;
import dev.rung.program.Slot;

/**
 * The root that criu restores a container in: a mount of its own whose parent nothing covers (criu
 * wants both), and in it what its mounts are mounted on. All of it lies in a mount namespace that
 * ends with criu, so that nothing is left to be unmounted.
 */
final class RestoredRoot {
    /** The name of the file that masks others. */
    static final String COVER = "masked";

    private final ContainerPlan plan;
    private final Script s;

    RestoredRoot(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
    }

    /** Makes it under that name in the folder of the container's state. */
    void make(String name) {
        s.at("root.path", "error preparing rootfs");
        s.add(new Unshare(ProcessStep.CLONE_NEWNS));
        s.add(new Mount("/", MS_SLAVE | MS_REC));
        s.at("root.path", "invalid rootfs");
        Slot there = s.openNoLinks("rootfsPath", Operand.CWD, plan.rootfs(), O_PATH | O_DIRECTORY);
        s.at("root.path", "error preparing rootfs");
        Slot root = s.copyTree("rootfs", there, "", AT_RECURSIVE);
        s.close(there);
        for (MountPlan mount : plan.mounts()) {
            // what lies in a tmpfs comes with it, and so do folders of cgroups
            if (mount.kind() != Kind.CGROUP && !isOnTmpfs(mount)) {
                s.at(mount.key(), "unable to make the place of the mount " + mount.destination());
                place(root, mount);
            }
        }
        s.at("root.path", "error preparing rootfs");
        Slot context = s.fsopen("tmpfs");
        s.fsconfig(context, "mode", "711");
        Slot shelf = s.fsmount("shelf", context, 0);
        Slot folder =
                s.openat(
                        "state",
                        Operand.CWD,
                        plan.request().stateFolder(),
                        O_PATH | O_DIRECTORY,
                        0);
        s.moveMount(shelf, folder);
        s.mkdirat(shelf, name, 0755);
        s.moveMount(root, s.openNoLinks("target", shelf, name, O_PATH | O_DIRECTORY));
        cover(shelf);
    }

    /** What masked files are covered by: as it is at first, so that none can be changed. */
    private void cover(Slot shelf) {
        s.at("linux.maskedPaths", "can't mask paths");
        Slot device = s.openat("null", Operand.CWD, "/dev/null", O_PATH, 0);
        s.expectCharacterDevice(device, 1, 3);
        Slot tree = s.copyTree("mask", device, "", 0);
        s.setAttributes(tree, MountOptions.RDONLY | MountOptions.NOSUID | MountOptions.NOEXEC, 0);
        s.moveMount(tree, s.add("target", new Ensure(shelf, COVER, true, 0600)));
        s.close(device);
    }

    private boolean isOnTmpfs(MountPlan mount) {
        for (MountPlan other : plan.mounts()) {
            if (other.kind() == Kind.TMPFS
                    && !other.destination().equals(mount.destination())
                    && CleanPath.isWithin(mount.destination(), other.destination())) {
                return true;
            }
        }
        return false;
    }

    private void place(Slot root, MountPlan mount) {
        if (mount.kind() != Kind.BIND) {
            s.close(s.ensureDirectory("place", root, mount.destination()));
            return;
        }
        Mark file = s.mark();
        Mark done = s.mark();
        Slot source = s.openat("source", Operand.CWD, mount.source(), O_PATH, 0);
        s.skipUnlessDirectory(source, file);
        s.close(s.ensureDirectory("place", root, mount.destination()));
        s.jump(done);
        s.place(file);
        s.close(s.add("place", new Ensure(root, mount.destination(), true, 0755)));
        s.place(done);
        s.close(source);
    }
}
