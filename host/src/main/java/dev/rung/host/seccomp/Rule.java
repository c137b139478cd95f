package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * What to do with a system call whose arguments meet all conditions.
 *
 * @param sequence counts rules in the order in which runc gives them to libseccomp
 * @param entry index in linux.seccomp.syscalls
 * @param name of the system call, for messages
 * @param action a SECCOMP_RET_* value with its data
 * @param conditions by argument, each argument once; empty: always
 */
record Rule(int sequence, int entry, String name, int action, List<Condition> conditions)
        implements Comparable<Rule> {
    @Override
    public int compareTo(Rule other) {
        return Integer.compare(sequence, other.sequence);
    }

    /** As that architecture sees it: without what is always true there. */
    Rule on(Arch arch) {
        if (conditions.isEmpty()) {
            return this;
        }
        var seen = new ArrayList<Condition>(conditions.size());
        for (Condition condition : conditions) {
            Condition there = condition.on(arch);
            if (!there.isAlwaysTrue()) {
                seen.add(there);
            }
        }
        return new Rule(sequence, entry, name, action, seen);
    }

    /**
     * The same for socketcall or ipc, whose first argument says which call is meant. As libseccomp,
     * a condition on the call's own first argument is lost, the others stay.
     */
    Rule through(int call) {
        var wrapped = new ArrayList<Condition>(conditions.size() + 1);
        wrapped.add(Condition.first(call));
        for (Condition condition : conditions) {
            if (condition.argument() != 0) {
                wrapped.add(condition);
            }
        }
        return new Rule(sequence, entry, name, action, wrapped);
    }

    /** The failure that runc reports when libseccomp cannot tell which of two rules is meant. */
    Failure.Invalid contradiction() {
        return new Failure.Invalid(
                "error adding seccomp rule for syscall "
                        + Printable.of(name)
                        + ": file exists: linux.seccomp.syscalls["
                        + entry
                        + "] asks for another action for arguments that an earlier entry covers");
    }
}
