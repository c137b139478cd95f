package dev.rung.host.compile;

import static dev.rung.domain.Errno.EBUSY;
import static dev.rung.domain.Errno.EEXIST;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.MountStep.AT_RECURSIVE;

import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.program.Mark;
import dev.rung.program.MountStep.FsconfigCreate;
import dev.rung.program.MountStep.Fsmount;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.Unshare;
import dev.rung.program.Slot;
import java.util.List;

/**
 * Mounts of type cgroup (config.md "Mounts"): the version 2 tree, or for version 1 a tmpfs with a
 * folder for each hierarchy, which shows the container's own cgroup as if it were the root.
 */
final class CgroupMounts {
    private final ContainerPlan plan;
    private final Script s;
    private boolean entered;

    CgroupMounts(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
    }

    /** Makes the cgroup namespace, whose root are the cgroups that we are in. Does so once. */
    void enter() {
        if (entered) {
            return;
        }
        entered = true;
        if (plan.cgroups().joinsLate()) {
            s.at("linux.cgroupsPath", "unable to apply cgroup configuration");
            s.waitFor(0, Sync.IN_CGROUP);
        }
        if (plan.namespaces().creates(Namespaces.CGROUP)) {
            s.at("linux.namespaces", "failed to unshare cgroup namespace");
            s.add(new Unshare(Namespaces.CGROUP));
        }
    }

    void mount(MountPlan mount, Mounts mounts) {
        enter();
        s.at(mount.key(), mount.say());
        if (plan.cgroups().isUnified()) {
            unified(mount, mounts);
        } else {
            legacy(mount, mounts);
        }
    }

    private void unified(MountPlan mount, Mounts mounts) {
        MountOptions options = mount.options();
        long attributes = options.set() | options.accessTime();
        Slot made = s.slot("cgroup");
        Mark done = s.mark();
        Slot context = s.fsopen("cgroup2");
        s.fsconfig(context, "source", "cgroup2");
        s.add(new FsconfigCreate(context)).tolerating(EPERM, EBUSY);
        s.add(new Fsmount(context, attributes)).toleratingAll().into(made);
        s.close(context);
        s.skipIfGood(made, done);
        // In a user namespace without a cgroup namespace of its own, it can only be bound.
        CgroupDirectory directory = plan.cgroups().directories().getFirst();
        boolean own = plan.namespaces().creates(Namespaces.CGROUP);
        if (own) {
            bindOwn(made, directory);
        } else {
            s.copyTree(made, Operand.CWD, directory.hierarchy().mountPoint(), AT_RECURSIVE);
        }
        s.setAttributes(made, attributes, 0);
        s.place(done);
        mounts.attach(mount, made, mounts.directory(mount));
        s.close(made);
    }

    private void legacy(MountPlan mount, Mounts mounts) {
        Slot context = s.fsopen("tmpfs");
        s.fsconfig(context, "source", "tmpfs");
        s.fsconfig(context, "mode", "755");
        Slot folder =
                s.fsmount(
                        "cgroups",
                        context,
                        MountOptions.NOSUID | MountOptions.NODEV | MountOptions.NOEXEC);
        mounts.attach(mount, folder, mounts.directory(mount));
        List<CgroupDirectory> all = plan.cgroups().directories();
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).hierarchy().unified()) {
                hierarchy(mount, folder, all.get(i));
            }
        }
        if (mount.options().readonly()) {
            s.setAttributes(folder, MountOptions.RDONLY, 0);
        }
        s.close(folder);
    }

    private void hierarchy(MountPlan mount, Slot folder, CgroupDirectory directory) {
        Hierarchy hierarchy = directory.hierarchy();
        String name = CleanPath.name(hierarchy.mountPoint());
        s.mkdirat(folder, name, 0755);
        Slot target = s.openNoLinks("target", folder, name, O_PATH);
        Slot made;
        if (plan.namespaces().creates(Namespaces.CGROUP)) {
            Slot context = s.fsopen("cgroup");
            s.fsconfig(context, "source", "cgroup");
            for (String option : hierarchy.controllers()) {
                if (option.startsWith("name=")) {
                    s.fsconfig(context, "none");
                    s.fsconfig(context, "name", option.substring("name=".length()));
                } else {
                    s.fsconfig(context, option);
                }
            }
            made = s.fsmount("cgroup", context, attributes(mount));
        } else {
            made = s.slot("cgroup");
            bindOwn(made, directory);
            if (mount.options().changesFlags()) {
                s.setAttributes(made, attributes(mount), 0);
            }
        }
        s.moveMount(made, target);
        s.close(made);
        s.close(target);
        if (name.indexOf(',') >= 0) {
            for (String controller : hierarchy.controllers()) {
                s.symlinkat(name, folder, controller).tolerating(EEXIST);
            }
        }
    }

    /** What we are in: the container's cgroup, or the caller's when none could be made. */
    private void bindOwn(Slot made, CgroupDirectory directory) {
        s.copyTree(made, Operand.CWD, directory.path(), AT_RECURSIVE);
        if (plan.cgroups().isLenient()) {
            Mark done = s.mark();
            s.tolerating(ENOENT);
            s.skipIfGood(made, done);
            s.copyTree(made, Operand.CWD, directory.callers(), AT_RECURSIVE);
            s.place(done);
        }
    }

    private static long attributes(MountPlan mount) {
        return MountOptions.NOSUID
                | MountOptions.NODEV
                | MountOptions.NOEXEC
                | (mount.options().set() & MountOptions.RDONLY);
    }
}
