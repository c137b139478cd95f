package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Argument;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the rules of a profile say of one call, read word by word: the plain model that filters are
 * judged by. Where several rules match and disagree, it names them all.
 */
final class ProfileMeaning {
    private final SyscallTable table;
    private final Seccomp profile;

    ProfileMeaning(SyscallTable table, Seccomp profile) {
        this.table = table;
        this.profile = profile;
    }

    /** The actions of the rules that match, or the default one; newer calls are not looked at. */
    Set<Integer> actions(Arch arch, int number, long... arguments) {
        int defaultAction = Libseccomp.action(profile.defaultAction(), profile.defaultErrnoRet());
        var actions = new HashSet<Integer>();
        Integer unconditional = null;
        for (Seccomp.Syscall entry : profile.syscalls()) {
            int action = Libseccomp.action(entry.action(), entry.errnoRet());
            if (action == defaultAction) {
                continue;
            }
            for (String name : entry.names()) {
                for (List<Argument> conditions : alternatives(entry.args(), name, arch, number)) {
                    var relevant = conditions.stream().filter(one -> !isVoid(one, arch)).toList();
                    if (relevant.isEmpty() && unconditional == null) {
                        unconditional = action;
                    }
                    if (relevant.stream().allMatch(one -> matches(one, arch, arguments))) {
                        actions.add(action);
                    }
                }
            }
        }
        if (unconditional != null) {
            return Set.of(unconditional);
        }
        return actions.isEmpty() ? Set.of(defaultAction) : actions;
    }

    /** The conditions under which an entry speaks of that number: any of the lists, all in it. */
    private List<List<Argument>> alternatives(
            List<Argument> given, String name, Arch arch, int number) {
        boolean repeated = given.stream().map(Argument::index).distinct().count() < given.size();
        List<List<Argument>> lists =
                repeated ? given.stream().map(List::of).toList() : List.of(given);
        var all = new ArrayList<List<Argument>>();
        if (table.number(name, arch) == number) {
            all.addAll(lists);
        }
        Multiplexer through = arch.multiplexed() ? Multiplexer.of(name) : null;
        if (through != null && table.number(through.name(), arch) == number) {
            for (List<Argument> list : lists) {
                var wrapped = new ArrayList<Argument>();
                wrapped.add(new Argument(0, through.call(), 0, Seccomp.Operator.SCMP_CMP_EQ));
                list.stream().filter(one -> one.index() > 0).forEach(wrapped::add);
                all.add(wrapped);
            }
        }
        return all;
    }

    private static boolean isVoid(Argument condition, Arch arch) {
        return condition.op() == Seccomp.Operator.SCMP_CMP_MASKED_EQ
                && cut(condition.value(), arch) == 0;
    }

    private static boolean matches(Argument condition, Arch arch, long[] arguments) {
        long is = cut(arguments[condition.index()], arch);
        long value = cut(condition.value(), arch);
        int order = Long.compareUnsigned(is, value);
        return switch (condition.op()) {
            case SCMP_CMP_NE -> order != 0;
            case SCMP_CMP_LT -> order < 0;
            case SCMP_CMP_LE -> order <= 0;
            case SCMP_CMP_EQ -> order == 0;
            case SCMP_CMP_GE -> order >= 0;
            case SCMP_CMP_GT -> order > 0;
            case SCMP_CMP_MASKED_EQ -> (is & value) == (cut(condition.valueTwo(), arch) & value);
        };
    }

    private static long cut(long value, Arch arch) {
        return arch.argumentBits() == 32 ? value & 0xffffffffL : value;
    }
}
