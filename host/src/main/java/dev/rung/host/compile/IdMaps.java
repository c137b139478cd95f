package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.SIGKILL;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;

import dev.rung.host.compile.Namespaces.Join;
import dev.rung.oci.IdMapping;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.FileStep.Ppoll;
import dev.rung.program.MountStep.MountSetattr;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdSendSignal;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Id-mapped binds (config.md "Mounts", uidMappings and gidMappings): the front end maps the ids of
 * a tree before it is mounted, through a user namespace that has the mappings: the container's own
 * when they are the same, the one that it joins, or one that lives no longer than it takes.
 */
final class IdMaps {
    private static final long A_MINUTE_MS = 60_000;

    private final ContainerPlan plan;
    private final Script s;
    private final List<@Nullable Slot> trees;
    private final int helper;
    private boolean helped;

    /**
     * For one container.
     *
     * @param trees the binds that the front end opened, by the number of the mount
     * @param helper the stream of processes whose only use is their user namespace
     */
    IdMaps(ContainerPlan plan, Script s, List<@Nullable Slot> trees, int helper) {
        this.plan = plan;
        this.s = s;
        this.trees = trees;
        this.helper = helper;
    }

    /** Whether {@link #help} is to be written. */
    boolean isHelped() {
        return helped;
    }

    /** Those that do not need the container's own user namespace. */
    void beforeFork() {
        List<MountPlan> mounts = plan.mounts();
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            Slot tree = trees.get(i);
            if (tree == null || !mount.idMapped() || isOwn(mount)) {
                continue;
            }
            s.at(mount.key(), mount.say());
            Slot namespace = hasMappings(mount) ? borrowed(mount) : joined();
            map(mount, tree, namespace);
            s.close(namespace);
        }
    }

    /** Those that have the container's mappings, once these are written. */
    void afterMapping(Slot process) {
        Slot namespace = null;
        List<MountPlan> mounts = plan.mounts();
        for (int i = 0; i < mounts.size(); i++) {
            MountPlan mount = mounts.get(i);
            Slot tree = trees.get(i);
            if (tree != null && mount.idMapped() && isOwn(mount)) {
                s.at(mount.key(), mount.say());
                if (namespace == null) {
                    namespace = s.openat("userNamespace", process, "ns/user", O_RDONLY, 0);
                }
                map(mount, tree, namespace);
            }
        }
        if (namespace != null) {
            s.close(namespace);
        }
    }

    private void map(MountPlan mount, Slot tree, Slot namespace) {
        s.add(MountSetattr.idmap(tree, namespace, mount.options().idMapRecursive()));
    }

    private static boolean hasMappings(MountPlan mount) {
        return !mount.mount().uidMappings().isEmpty();
    }

    private boolean isOwn(MountPlan mount) {
        if (!plan.namespaces().creates(Namespaces.USER)) {
            return false;
        }
        return !hasMappings(mount)
                || (mount.mount().uidMappings().equals(plan.linux().uidMappings())
                        && mount.mount().gidMappings().equals(plan.linux().gidMappings()));
    }

    private Slot joined() {
        Join user = plan.namespaces().joins().getLast();
        return s.openat("userNamespace", Operand.CWD, user.path(), O_RDONLY, 0);
    }

    /** A user namespace with these mappings: a process is made in it and ended again. */
    private Slot borrowed(MountPlan mount) {
        helped = true;
        List<IdMapping> uids = mount.mount().uidMappings();
        List<IdMapping> gids = mount.mount().gidMappings();
        Slot pid = s.slot("helper");
        Slot pidfd = s.slot("helperPidfd");
        s.add(new Fork(Namespaces.USER, helper, Operand.NONE, pidfd)).into(pid);
        FrontSteps.undoProcess(s, pidfd);
        Slot process = s.openProcess("helperProcess", pid);
        UserMapping.file(s, process, "gid_map", UserMapping.text(gids));
        UserMapping.file(s, process, "uid_map", UserMapping.text(uids));
        Slot namespace = s.openat("userNamespace", process, "ns/user", O_RDONLY, 0);
        s.close(process);
        s.add(new PidfdSendSignal(pidfd, SIGKILL));
        s.add(new Waitid(P_PIDFD, pidfd, null, WEXITED | WALL));
        s.close(pidfd);
        return namespace;
    }

    /** The stream of {@link #borrowed}'s process: it waits for its end. */
    static void help(Script s) {
        s.at("mounts", "unable to wait in the user namespace of an id-mapped mount");
        s.add(Prctl.parentDeathSignal(SIGKILL));
        s.add(new Ppoll(Operand.NONE, 0, A_MINUTE_MS));
    }
}
