package dev.rung.host.compile;

import static dev.rung.domain.Errno.EACCES;
import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.EINVAL;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.AT_SYMLINK_NOFOLLOW;
import static dev.rung.program.FileStep.F_DUPFD_CLOEXEC;
import static dev.rung.program.FileStep.O_CLOEXEC;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_NOFOLLOW;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.S_IFREG;
import static dev.rung.program.MountStep.AT_RECURSIVE;
import static dev.rung.program.MountStep.MS_PRIVATE;
import static dev.rung.program.MountStep.MS_SHARED;
import static dev.rung.program.MountStep.MS_SLAVE;
import static dev.rung.program.MountStep.MS_UNBINDABLE;

import dev.rung.oci.LinuxConfig.Propagation;
import dev.rung.program.ControlStep.CopyTree;
import dev.rung.program.ControlStep.Ensure;
import dev.rung.program.FileStep.Fchmodat;
import dev.rung.program.FileStep.Fcntl;
import dev.rung.program.FileStep.Mknodat;
import dev.rung.program.FileStep.Openat;
import dev.rung.program.FileStep.Readlinkat;
import dev.rung.program.FileStep.Symlinkat;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.MountStep.MountSetattr;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mounts the file systems of a container below its root, in the order of the config, through
 * descriptors only: a new mount is made detached, its target opened or made inside the root, and
 * the one moved onto the other. No path of the container is ever resolved by mount(2).
 */
final class Mounts {
    static final long PROC_MAGIC = 0x9fa0;

    private static final int LONGEST_LINK = 4095;

    private final ContainerPlan plan;
    private final Script s;
    private Slot root;
    private final List<Slot> readonlyLater = new ArrayList<>(2);
    private final List<MountPlan> readonlyPlans = new ArrayList<>(2);
    private @Nullable Slot proc;
    private @Nullable Slot pts;

    Mounts(ContainerPlan plan, Script s, Slot root) {
        this.plan = plan;
        this.s = s;
        this.root = root;
    }

    /** The root, which is another one once something was mounted at "/". */
    Slot root() {
        return root;
    }

    /** The container's own proc file system, known by descriptor; null when it mounts none. */
    @Nullable Slot proc() {
        return proc;
    }

    /** The same of its devpts. */
    @Nullable Slot pts() {
        return pts;
    }

    /**
     * All of them.
     *
     * @param outside descriptors of binds that were opened by the front end, null where none was
     * @param cgroups mounts those of type cgroup
     */
    void all(List<@Nullable Slot> outside, CgroupMounts cgroups) {
        List<MountPlan> mounts = plan.mounts();
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            s.at(mount.key(), mount.say());
            if (mount.options().remount()) {
                remount(mount);
                continue;
            }
            switch (mount.kind()) {
                case BIND -> bind(mount, outside.get(i));
                case PROC -> kernelFiles(mount);
                case SYSFS -> sysfs(mount);
                case TMPFS -> tmpfs(mount);
                case CGROUP -> cgroups.mount(mount, this);
                case MQUEUE, OTHER -> other(mount);
            }
        }
    }

    /** Makes read-only what had to be writable until everything in it was made. */
    void finishReadonly() {
        for (int i = 0; i < readonlyLater.size(); i++) {
            s.at(readonlyPlans.get(i).key(), readonlyPlans.get(i).say());
            s.setAttributes(readonlyLater.get(i), MountOptions.RDONLY, 0);
        }
    }

    private void sysfs(MountPlan mount) {
        if (!HostSysfs.mayBeNeeded(plan)) {
            kernelFiles(mount);
            return;
        }
        Mark refused = s.mark();
        Mark done = s.mark();
        Slot probe = s.fsopen(mount.type());
        s.orElse(refused, EPERM);
        s.close(probe);
        kernelFiles(mount);
        s.jump(done).place(refused);
        new HostSysfs(plan, s).bind(mount, this);
        s.place(done);
    }

    private void kernelFiles(MountPlan mount) {
        Slot target = ordinaryDirectory(mount);
        Slot made = fileSystem(mount, mount.options().readonly()).create();
        setTreeFlags(mount, made);
        attach(mount, made, target);
        if (mount.kind() == MountPlan.Kind.PROC && mount.destination().equals("/proc")) {
            proc = made;
        } else {
            s.close(made);
        }
    }

    private void other(MountPlan mount) {
        NewFileSystem fileSystem =
                fileSystem(mount, mount.options().readonly() && !mount.readonlyLater());
        Slot target = directory(mount);
        Slot made;
        if (fileSystem.isLong()) {
            made = mountOld(mount, fileSystem, target);
        } else {
            made = fileSystem.create();
            setTreeFlags(mount, made);
            attach(mount, made, target);
        }
        if (mount.type().equals("devpts") && mount.destination().equals("/dev/pts")) {
            pts = made;
        } else {
            keepOrClose(mount, made);
        }
    }

    private NewFileSystem fileSystem(MountPlan mount, boolean readonly) {
        return new NewFileSystem(s, mount, readonly, plan.mountLabel());
    }

    /** Only of what is mounted already is there a descriptor. */
    private Slot mountOld(MountPlan mount, NewFileSystem fileSystem, Slot target) {
        if (mount.destination().equals("/")) {
            throw Checks.invalid(
                    mount.key() + ".options",
                    "a mount at \"/\" cannot have options as long as these");
        }
        fileSystem.mountOnto(target);
        s.close(target);
        Slot made = s.openInside(mount.type(), root, mount.destination(), O_PATH);
        setTreeFlags(mount, made);
        propagate(mount, made);
        return made;
    }

    private void tmpfs(MountPlan mount) {
        NewFileSystem fileSystem = fileSystem(mount, false);
        Slot mode = null;
        Slot target;
        if (fileSystem.has("mode=")) {
            target = directory(mount);
        } else {
            // As runc: a tmpfs over a directory that is there takes its mode.
            mode = s.slot("mode");
            target = directoryWithMode(mount, mode);
        }
        Slot made = fileSystem.create();
        if (mode != null) {
            Mark fresh = s.mark();
            s.skipIf(mode, -1, fresh);
            s.add(new Fchmodat(made, Text.of("."), mode));
            s.place(fresh);
        }
        if (mount.options().copyUp()) {
            s.at(mount.key(), mount.say() + ": tmpcopyup: failed to copy " + mount.destination());
            s.add(new CopyTree(target, made));
            s.at(mount.key(), mount.say());
        }
        setTreeFlags(mount, made);
        attach(mount, made, target);
        keepOrClose(mount, made);
    }

    private void keepOrClose(MountPlan mount, Slot made) {
        if (mount.readonlyLater()) {
            readonlyLater.add(made);
            readonlyPlans.add(mount);
        } else if (!made.equals(root)) {
            s.close(made);
        }
    }

    private void bind(MountPlan mount, @Nullable Slot outside) {
        Mark done = s.mark();
        if (mount.options().links().copied()) {
            copyLink(mount, done);
        }
        mountTree(mount, outside);
        s.place(done);
    }

    /** A source that is a link is made again, and nothing is mounted then. */
    private void copyLink(MountPlan mount, Mark done) {
        Mark other = s.mark();
        Hole target = s.hole(LONGEST_LINK);
        s.add(new Readlinkat(Operand.CWD, mount.source(), target)).orElse(other, EINVAL);
        Slot folder = parent(mount);
        String name = CleanPath.name(mount.destination());
        s.add(new Symlinkat(target, folder, Text.of(name))).tolerating(EEXIST).jump(done);
        s.place(other);
    }

    private Slot parent(MountPlan mount) {
        return s.ensureDirectory("parent", root, CleanPath.parent(mount.destination()));
    }

    private void mountTree(MountPlan mount, @Nullable Slot outside) {
        Slot tree;
        if (outside != null && mount.idMapped()) {
            tree = outside;
        } else {
            tree = openSource(s, mount);
            if (outside != null) {
                // What the container's ids may not reach, the front end's could.
                s.tolerating(EACCES, EPERM, EINVAL, ENOENT);
                Mark own = s.mark();
                s.skipIfGood(tree, own);
                s.add(new Fcntl(outside, F_DUPFD_CLOEXEC, 0)).into(tree);
                s.place(own);
            }
        }
        Slot target = targetLike(mount, tree);
        if (mount.destination().equals("/proc")) {
            s.at(
                    mount.key(),
                    mount.say() + ": \"/proc\" cannot be mounted because it is not of type proc");
            s.expectFileSystem(tree, PROC_MAGIC);
            s.at(mount.key(), mount.say());
        }
        setFlags(mount, tree);
        setTreeFlags(mount, tree);
        attach(mount, tree, target);
        keepOrClose(mount, tree);
    }

    /** The tree of a bind's source, detached; its descriptor is the mount to be. */
    static Slot openSource(Script s, MountPlan mount) {
        return s.copyTree(
                "source",
                Operand.CWD,
                mount.source(),
                (mount.options().recursive() ? AT_RECURSIVE : 0)
                        | (mount.options().links().sourceKept() ? AT_SYMLINK_NOFOLLOW : 0));
    }

    /**
     * Sets exactly the flags that were asked for, as "mount --bind -o" means to. A user namespace
     * may not clear those that came with a mount from outside; there they are kept unless the
     * config wants them off.
     */
    private void setFlags(MountPlan mount, Slot tree) {
        MountOptions options = mount.options();
        if (!options.changesFlags()) {
            return;
        }
        long times = options.accessTimes() ? MountOptions.ATIME | MountOptions.NODIRATIME : 0;
        long set = options.set() | (options.accessTimes() ? options.accessTime() : 0);
        if (mount.readonlyLater()) {
            set &= ~MountOptions.RDONLY;
        }
        s.setAttributes(tree, set, MountOptions.FLAGS & ~set | times);
        if (plan.userNamespace() || !plan.host().caller().initialUserNamespace()) {
            Slot result = s.slot("flags");
            Mark done = s.mark();
            s.tolerating(EPERM).into(result);
            s.skipIf(result, 0, done);
            s.setAttributes(tree, set, options.cleared() | times);
            s.place(done);
        }
    }

    /** The options that count for all mounts below, too. */
    private void setTreeFlags(MountPlan mount, Slot tree) {
        MountOptions options = mount.options();
        if ((options.recursiveSet() | options.recursiveCleared()) != 0) {
            s.add(new MountSetattr(tree, options.recursiveSet(), options.recursiveCleared(), true));
        }
    }

    private void remount(MountPlan mount) {
        MountOptions options = mount.options();
        Slot there = s.openInside("target", root, mount.destination(), O_PATH);
        long times = options.accessTimes() ? MountOptions.ATIME | MountOptions.NODIRATIME : 0;
        s.setAttributes(there, options.set() | options.accessTime(), options.cleared() | times);
        propagate(mount, there);
        s.close(there);
    }

    /** Puts a detached mount onto its target and closes the target. */
    void attach(MountPlan mount, Slot made, Slot target) {
        propagate(mount, made);
        s.moveMount(made, target);
        s.close(target);
        if (mount.destination().equals("/")) {
            s.close(root);
            root = made;
        }
    }

    private void propagate(MountPlan mount, Slot made) {
        List<Propagation> kinds = mount.options().propagation();
        for (int i = 0; i < kinds.size(); i++) {
            Propagation kind = kinds.get(i);
            s.add(MountSetattr.propagation(made, propagationFlag(kind), isRecursive(kind)));
        }
    }

    static boolean isRecursive(Propagation kind) {
        return switch (kind) {
            case RPRIVATE, RSHARED, RSLAVE, RUNBINDABLE -> true;
            case PRIVATE, SHARED, SLAVE, UNBINDABLE -> false;
        };
    }

    /** The MS_ flag, which mount_setattr(2) takes too. */
    static long propagationFlag(Propagation kind) {
        return switch (kind) {
            case PRIVATE, RPRIVATE -> MS_PRIVATE;
            case SHARED, RSHARED -> MS_SHARED;
            case SLAVE, RSLAVE -> MS_SLAVE;
            case UNBINDABLE, RUNBINDABLE -> MS_UNBINDABLE;
        };
    }

    /** The target of a file system: a directory, made when it is not there. */
    Slot directory(MountPlan mount) {
        Slot target = s.ensureDirectory("target", root, mount.destination());
        checkNotInProc(mount, target);
        return target;
    }

    /** The same, with the mode of a directory that was there in a slot, which else stays -1. */
    private Slot directoryWithMode(MountPlan mount, Slot mode) {
        Mark missing = s.mark();
        Mark done = s.mark();
        Slot target = s.openInside("target", root, mount.destination(), O_PATH);
        s.orElse(missing, ENOENT);
        s.loadMode(target, mode);
        s.jump(done);
        s.place(missing);
        s.add(new Ensure(root, mount.destination(), false, 0755)).into(target);
        s.place(done);
        checkNotInProc(mount, target);
        return target;
    }

    /** The target of a bind: of the kind that its source is. */
    private Slot targetLike(MountPlan mount, Slot tree) {
        if (mount.options().links().targetKept()) {
            return targetItself(mount, tree);
        }
        Mark file = s.mark();
        Mark done = s.mark();
        s.skipUnlessDirectory(tree, file);
        Slot target = s.ensureDirectory("target", root, mount.destination());
        s.jump(done);
        s.place(file);
        s.add(new Ensure(root, mount.destination(), true, 0755)).into(target);
        s.place(done);
        checkNotInProc(mount, target);
        return target;
    }

    /** The same, but a link that stands there is covered itself. */
    private Slot targetItself(MountPlan mount, Slot tree) {
        Slot folder = parent(mount);
        String name = CleanPath.name(mount.destination());
        Slot target = s.slot("target");
        Mark missing = s.mark();
        Mark file = s.mark();
        Mark made = s.mark();
        Mark done = s.mark();
        s.add(itself(folder, name)).into(target).orElse(missing, ENOENT).jump(done);
        s.place(missing);
        s.skipUnlessDirectory(tree, file);
        s.mkdirat(folder, name, 0755).jump(made);
        s.place(file);
        s.add(new Mknodat(folder, name, S_IFREG | 0644, 0, 0));
        s.place(made);
        s.add(itself(folder, name)).into(target);
        s.place(done);
        s.close(folder);
        checkNotInProc(mount, target);
        return target;
    }

    private static Openat itself(Slot folder, String name) {
        return new Openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }

    /**
     * A link inside the root may lead what looks harmless into /proc (CVE-2019-19921); by now the
     * target is open, so what it is can be asked.
     */
    private void checkNotInProc(MountPlan mount, Slot target) {
        if (CleanPath.isWithin(mount.destination(), "/proc")) {
            return; // refused already, or one that may be there
        }
        s.at(
                mount.key(),
                mount.say()
                        + ": "
                        + Quoted.of(mount.destination())
                        + " cannot be mounted because it is inside /proc");
        s.expectOtherFileSystem(target, PROC_MAGIC);
        s.at(mount.key(), mount.say());
    }

    /** A directory that no link leads to: where proc and sysfs may stand. */
    Slot ordinaryDirectory(MountPlan mount) {
        String parent = CleanPath.parent(mount.destination());
        String name = CleanPath.name(mount.destination());
        Slot folder = parent.equals("/") ? root : s.ensureDirectory("parent", root, parent);
        s.mkdirat(folder, name, 0755).tolerating(EEXIST);
        s.at(
                mount.key(),
                mount.say()
                        + ": filesystem "
                        + Quoted.of(mount.type())
                        + " must be mounted on ordinary directory");
        Slot target = s.openNoLinks("target", folder, name, O_PATH | O_DIRECTORY);
        s.at(mount.key(), mount.say());
        if (!folder.equals(root)) {
            s.close(folder);
        }
        return target;
    }
}
