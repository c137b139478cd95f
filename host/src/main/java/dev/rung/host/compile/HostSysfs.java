package dev.rung.host.compile;

import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.MountStep.AT_RECURSIVE;

import dev.rung.program.Mark;
import dev.rung.program.MountStep.MountSetattr;
import dev.rung.program.Operand;
import dev.rung.program.Slot;

/**
 * The host's /sys in the place of a sysfs: a user namespace may mount one only with a network
 * namespace of its own, because that is what sysfs shows. The host's cgroups below it stay out of
 * sight, as with crun.
 */
final class HostSysfs {
    private final ContainerPlan plan;
    private final Script s;

    HostSysfs(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
    }

    /** Whether the kernel may refuse a sysfs to this container. */
    static boolean mayBeNeeded(ContainerPlan plan) {
        boolean inUserNamespace =
                plan.userNamespace() || !plan.host().caller().initialUserNamespace();
        return inUserNamespace && !plan.namespaces().creates(Namespaces.NETWORK);
    }

    void bind(MountPlan mount, Mounts mounts) {
        Slot target = mounts.ordinaryDirectory(mount);
        Slot tree = s.copyTree("sysfs", Operand.CWD, "/sys", AT_RECURSIVE);
        if (mount.options().set() != 0) {
            s.add(new MountSetattr(tree, mount.options().set(), 0, true));
        }
        mounts.attach(mount, tree, target);
        Mark none = s.mark();
        Slot cgroups = s.openNoLinks("cgroups", tree, "fs/cgroup", O_PATH | O_DIRECTORY);
        s.orElse(none, ENOENT);
        Slot cover = Masks.empty(plan, s);
        s.moveMount(cover, cgroups);
        s.close(cover).close(cgroups);
        s.place(none);
        s.close(tree);
    }
}
