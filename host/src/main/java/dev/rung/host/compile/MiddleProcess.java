package dev.rung.host.compile;

import static dev.rung.domain.Errno.EPERM;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.ProcessStep.CLONE_PARENT;
import static dev.rung.program.ProcessStep.SIGKILL;

import dev.rung.program.ControlStep.Fork;
import dev.rung.program.CredentialStep.Prctl;
import dev.rung.program.CredentialStep.Setresgid;
import dev.rung.program.CredentialStep.Setresuid;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.Setns;
import dev.rung.program.ProcessStep.Unshare;
import dev.rung.program.Slot;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that enters the namespaces which a container joins, and then forks the container's own
 * as a child of the front end. It is needed because nobody enters a pid or time namespace himself:
 * only his children do.
 */
final class MiddleProcess {
    private final ContainerPlan plan;
    private final Script s;

    MiddleProcess(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
    }

    /** Whether the user namespace is made here, before others that are to belong to it. */
    static boolean makesUserNamespace(Namespaces namespaces) {
        return namespaces.creates(Namespaces.USER) && namespaces.creates(Namespaces.TIME);
    }

    /**
     * @param child the stream of the container's process
     * @param pid gets its pid
     */
    void run(int child, Slot pid) {
        Namespaces namespaces = plan.namespaces();
        s.at("", "unable to prepare the process that joins namespaces");
        s.add(Prctl.parentDeathSignal(SIGKILL));
        s.add(Prctl.dumpable(false));
        join(s, namespaces.joins());
        long fresh = namespaces.fresh();
        if (makesUserNamespace(namespaces)) {
            fresh &= ~Namespaces.USER;
            s.at("linux.namespaces", "failed to unshare user namespace");
            s.add(new Unshare(Namespaces.USER));
            s.post(0, Sync.MAP);
            s.waitFor(0, Sync.MAPPED);
            becomeRoot(s);
        }
        if (namespaces.creates(Namespaces.TIME)) {
            s.at("linux.namespaces", "failed to unshare remaining namespaces");
            s.add(new Unshare(Namespaces.TIME));
            if (!plan.linux().timeOffsets().isEmpty()) {
                s.at("linux.timeOffsets", "failed to update timens_offsets");
                s.post(0, Sync.CLOCKS);
                s.waitFor(0, Sync.CLOCKS_SET);
            }
        }
        s.at("linux.namespaces", "unable to start init");
        s.add(new Fork(fresh | CLONE_PARENT, child)).into(pid);
        s.post(0, Sync.FORKED);
    }

    /**
     * Enters them: all are opened before the first is entered, for afterwards their paths may lead
     * elsewhere. What our own rights do not allow is tried again with those that the user namespace
     * gives.
     */
    static void join(Script s, List<Namespaces.Join> joins) {
        var opened = new ArrayList<Slot>(joins.size());
        for (int i = 0; i < joins.size(); i++) {
            Namespaces.Join join = joins.get(i);
            s.at(join.key(), "failed to open " + join.path());
            opened.add(s.openat(join.type() + "Namespace", Operand.CWD, join.path(), O_RDONLY, 0));
        }
        boolean user = !joins.isEmpty() && joins.getLast().flag() == Namespaces.USER;
        var results = new ArrayList<Slot>(joins.size());
        for (int i = 0; i < joins.size(); i++) {
            enter(s, joins.get(i), opened.get(i));
            if (user && i < joins.size() - 1) {
                Slot result = s.slot("joined");
                s.into(result).tolerating(EPERM);
                results.add(result);
            }
        }
        if (!user) {
            return;
        }
        becomeRoot(s);
        for (int i = 0; i < joins.size() - 1; i++) {
            Mark joined = s.mark();
            s.skipIf(results.get(i), 0, joined);
            enter(s, joins.get(i), opened.get(i));
            s.place(joined);
        }
    }

    private static void enter(Script s, Namespaces.Join join, Slot opened) {
        s.at(
                join.key(),
                "failed to setns into " + join.type() + " namespace " + Quoted.of(join.path()));
        s.add(new Setns(opened, join.flag()));
    }

    /** Root of the user namespace that we just came into. */
    static void becomeRoot(Script s) {
        s.at("linux.namespaces", "failed to become root in user namespace");
        s.add(new Setresgid(0));
        s.add(new Setresuid(0));
    }
}
