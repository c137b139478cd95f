package dev.rung.host.compile;

import static dev.rung.domain.Errno.EINVAL;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.MountStep.AT_RECURSIVE;
import static dev.rung.program.MountStep.MNT_DETACH;
import static dev.rung.program.MountStep.MS_MOVE;
import static dev.rung.program.MountStep.MS_PRIVATE;
import static dev.rung.program.MountStep.MS_REC;
import static dev.rung.program.MountStep.MS_SLAVE;

import dev.rung.oci.LinuxConfig.Propagation;
import dev.rung.program.FileStep.Chdir;
import dev.rung.program.FileStep.Fchdir;
import dev.rung.program.Mark;
import dev.rung.program.MountStep.Chroot;
import dev.rung.program.MountStep.Mount;
import dev.rung.program.MountStep.PivotRoot;
import dev.rung.program.MountStep.Umount2;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import org.jspecify.annotations.Nullable;

/** The root of a container: made a mount of its own, and at the end what "/" is. */
final class Rootfs {
    private final ContainerPlan plan;
    private final Script s;

    Rootfs(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
    }

    /**
     * Cuts the mount namespace off from the host's, as far as the config wants, and mounts the root
     * onto itself.
     *
     * @return the root, by which everything inside is found from now on
     */
    Slot prepare() {
        String path = plan.rootfs();
        if (!plan.namespaces().has(Namespaces.MOUNT)) {
            s.at("root.path", "invalid rootfs");
            return s.openat("rootfs", Operand.CWD, path, O_PATH | O_DIRECTORY, 0);
        }
        s.at("linux.rootfsPropagation", "error preparing rootfs");
        Propagation kind = plan.linux().rootfsPropagation();
        s.add(new Mount("/", firstFlags(kind)));
        if (!isCutOff(kind)) {
            cutParents(path, kind);
        }
        s.at("root.path", "invalid rootfs");
        Slot there = s.openNoLinks("rootfsPath", Operand.CWD, path, O_PATH | O_DIRECTORY);
        s.at("root.path", "error preparing rootfs");
        Slot root = s.copyTree("rootfs", there, "", AT_RECURSIVE);
        s.moveMount(root, there);
        s.close(there);
        return root;
    }

    /**
     * The mount that holds the root must not be shared, or pivot_root(2) fails and the bind below
     * it would be seen by the host. Which of the ancestors is a mount is not known; the others give
     * EINVAL.
     */
    private void cutParents(String path, @Nullable Propagation kind) {
        long flag = kind == Propagation.SLAVE ? MS_SLAVE : MS_PRIVATE;
        for (String at = path; ; at = CleanPath.parent(at)) {
            s.add(new Mount(at, flag)).tolerating(EINVAL);
            if (at.equals("/")) {
                return;
            }
        }
    }

    /** Whether after {@link #prepare} nothing that we mount or unmount reaches the host. */
    static boolean isCutOff(@Nullable Propagation kind) {
        long flags = firstFlags(kind);
        return (flags & MS_REC) != 0 && (flags & (MS_SLAVE | MS_PRIVATE)) != 0;
    }

    /** What "/" is while we mount: nothing could be bound of what is unbindable. */
    private static long firstFlags(@Nullable Propagation kind) {
        if (kind == null || kind == Propagation.UNBINDABLE || kind == Propagation.RUNBINDABLE) {
            return MS_SLAVE | MS_REC;
        }
        return flags(kind);
    }

    /** Whether what the config wants of the root is done by {@link #prepare} already. */
    private static boolean isSlaveOrPrivate(Propagation kind) {
        return switch (kind) {
            case SLAVE, RSLAVE, PRIVATE, RPRIVATE -> true;
            case SHARED, RSHARED, UNBINDABLE, RUNBINDABLE -> false;
        };
    }

    private static long flags(Propagation kind) {
        return Mounts.propagationFlag(kind) | (Mounts.isRecursive(kind) ? MS_REC : 0);
    }

    /** Makes the root what "/" is, and what was "/" unreachable. */
    void enter(Slot root) {
        s.at("root.path", "error jailing process inside rootfs");
        if (plan.request().noPivot()) {
            moveRoot(root);
        } else if (plan.namespaces().has(Namespaces.MOUNT)) {
            pivot(root);
        } else {
            changeRoot(root);
        }
        Propagation kind = plan.linux().rootfsPropagation();
        if (kind != null && !isSlaveOrPrivate(kind) && plan.namespaces().has(Namespaces.MOUNT)) {
            s.at("linux.rootfsPropagation", "unable to apply root propagation flags");
            s.add(new Mount("/", flags(kind)));
        }
    }

    private void pivot(Slot root) {
        Slot old = s.openat("oldRoot", Operand.CWD, "/", O_PATH | O_DIRECTORY, 0);
        s.add(new Fchdir(root));
        s.add(new PivotRoot(".", "."));
        // The old root now lies on top of the new one.
        s.add(new Fchdir(old));
        if (!isCutOff(plan.linux().rootfsPropagation())) {
            s.add(new Mount(".", MS_SLAVE | MS_REC)); // its unmounting is ours alone
        }
        s.add(new Umount2(".", MNT_DETACH));
        s.add(new Chdir("/"));
        s.close(old);
    }

    /**
     * Without pivot_root(2) the old root stays mounted below, and with it the host's /proc and
     * /sys, by which masks on our own could be undone; so they are taken away or covered.
     */
    private void moveRoot(Slot root) {
        cover("/proc");
        cover("/sys");
        s.add(new Fchdir(root));
        s.add(new Mount(Text.of("."), Text.of("/"), null, MS_MOVE, null));
        changeRoot(root);
    }

    private void changeRoot(Slot root) {
        s.add(new Fchdir(root));
        s.add(new Chroot("."));
        s.add(new Chdir("/"));
    }

    private void cover(String path) {
        Mark gone = s.mark();
        Slot result = s.slot("unmounted");
        s.add(new Umount2(path, MNT_DETACH)).into(result).tolerating(EINVAL, EPERM, ENOENT);
        s.skipIf(result, 0, gone);
        Text tmpfs = Text.of("tmpfs");
        s.add(new Mount(tmpfs, Text.of(path), tmpfs, 0, null)).tolerating(ENOENT);
        s.place(gone);
    }

    /** The root read-only, once nothing has to be made in it any more. */
    void finishReadonly(Slot root) {
        if (plan.config().root().readonly()) {
            s.at("root.readonly", "error setting rootfs as readonly");
            s.setAttributes(root, MountOptions.RDONLY, 0);
        }
    }
}
