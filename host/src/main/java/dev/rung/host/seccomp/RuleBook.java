package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of a profile by system call, on whatever architecture. */
final class RuleBook {
    private static final int MOST = 16_384;

    private final SyscallTable table;
    private final boolean[] named;
    private final @Nullable Multiplexer[] multiplexers;
    private final @Nullable List<Rule>[] byRow;
    private int size;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of lists cannot be made otherwise
    RuleBook(SyscallTable table) {
        this.table = table;
        named = new boolean[table.rows()];
        multiplexers = new Multiplexer[table.rows()];
        byRow = new List[table.rows()];
    }

    /** Notes that the profile knows that call, even where no rule comes of it. */
    void name(int row, String name) {
        if (!named[row]) {
            named[row] = true;
            multiplexers[row] = Multiplexer.of(name);
        }
    }

    /** Adds a rule behind the others; an unconditional one that repeats the last one is dropped. */
    void add(int row, int entry, String name, int action, List<Condition> conditions) {
        List<Rule> rules = byRow[row];
        if (rules == null) {
            rules = new ArrayList<>(1);
            byRow[row] = rules;
        } else {
            Rule last = rules.getLast();
            boolean same = last.conditions().isEmpty() && conditions.isEmpty();
            if (same && last.action() == action) {
                return;
            }
        }
        if (size == MOST) {
            throw new Failure.Invalid(
                    "error loading seccomp filter into kernel: more than "
                            + MOST
                            + " rules: linux.seccomp.syscalls must be shorter");
        }
        rules.add(new Rule(size++, entry, name, action, conditions));
    }

    /**
     * The newest call that the profile knows on an architecture, the one with the highest number; 0
     * if there is none. As for libseccomp, calls that can be multiplexed have no number there.
     */
    int newest(Arch arch) {
        int newest = 0;
        for (int row = 0; row < named.length; row++) {
            if (named[row] && (!arch.multiplexed() || multiplexers[row] == null)) {
                newest = Math.max(newest, table.number(row, arch));
            }
        }
        return newest;
    }

    /** All rules of an architecture, by number. */
    List<Call> calls(Arch arch) {
        var calls = new ArrayList<Call>();
        var multiplexed = new ArrayList<Call>(2);
        if (arch.multiplexed()) {
            addMultiplexed(arch, multiplexed);
        }
        for (int row = 0; row < byRow.length; row++) {
            List<Rule> rules = byRow[row];
            int number = rules == null ? SyscallTable.NONE : table.number(row, arch);
            if (rules != null && number != SyscallTable.NONE) {
                Call present = find(multiplexed, number);
                if (present == null) {
                    calls.add(new Call(number, rules));
                } else {
                    present.rules.addAll(rules);
                }
            }
        }
        for (Call multiplexer : multiplexed) {
            Collections.sort(multiplexer.rules);
        }
        calls.addAll(multiplexed);
        return sorted(calls);
    }

    private static List<Call> sorted(List<Call> calls) {
        var keys = new long[calls.size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) calls.get(i).number << 32 | i;
        }
        Arrays.sort(keys);
        var sorted = new ArrayList<Call>(keys.length);
        for (long key : keys) {
            sorted.add(calls.get((int) key));
        }
        return sorted;
    }

    private void addMultiplexed(Arch arch, List<Call> multiplexed) {
        for (int row = 0; row < byRow.length; row++) {
            List<Rule> rules = byRow[row];
            Multiplexer through = multiplexers[row];
            if (rules != null && through != null) {
                int number = table.number(through.name(), arch);
                Call call = find(multiplexed, number);
                if (call == null) {
                    call = new Call(number, new ArrayList<>());
                    multiplexed.add(call);
                }
                for (Rule rule : rules) {
                    call.rules.add(rule.through(through.call()));
                }
            }
        }
    }

    private static @Nullable Call find(List<Call> calls, int number) {
        for (Call call : calls) {
            if (call.number == number) {
                return call;
            }
        }
        return null;
    }

    /** The rules of one number, in the order of the profile. */
    record Call(int number, List<Rule> rules) {}
}
