package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Argument;
import dev.rung.oci.Seccomp.Flag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a profile to a filter that decides as the one runc makes of it.
 *
 * <p>The architecture is asked first, then the number is searched in ranges of equal decisions; a
 * call that is allowed whatever its arguments is decided by these two alone, so that the kernel
 * knows it from its cache of actions and never runs the filter. What the filter says:
 *
 * <ul>
 *   <li>an architecture that neither is the machine's nor listed, and x32 when not listed: the
 *       thread is killed;
 *   <li>a number above the newest call that the profile names for that architecture: ENOSYS, so
 *       that programs fall back to older calls; unless the default lets calls through;
 *   <li>otherwise what the rules say, or the default action.
 * </ul>
 */
public final class SeccompCompiler {
    private static final int MOST_REMARKS = 32;

    private final SyscallTable table;

    public SeccompCompiler(SyscallTable table) {
        this.table = table;
    }

    /**
     * Compiles the profile for that machine.
     *
     * @throws Failure.Invalid for what the specification, runc or libseccomp refuse
     * @throws Failure.Unsupported for an action or flag that the kernel lacks
     */
    public SeccompFilter compile(Seccomp profile, Arch machine, SeccompSupport kernel) {
        boolean listener = checkNotify(profile, kernel);
        int defaultAction =
                ReturnValue.of(
                        profile.defaultAction(),
                        profile.defaultErrnoRet(),
                        kernel,
                        "linux.seccomp.defaultErrnoRet");
        EnumSet<Arch> archs = architectures(profile, machine);
        int flags = flags(profile, kernel, listener);
        var remarks = new ArrayList<String>();
        RuleBook rules = rules(profile, defaultAction, kernel, remarks);
        boolean newerUnknown =
                switch (profile.defaultAction()) {
                    case SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_TRACE -> false;
                    default -> true;
                };
        var writer = new FilterWriter();
        var warnings = new ArrayList<String>();
        var numbers = new NumberTests(rules, writer, warnings, defaultAction, newerUnknown);
        byte[] program = writer.program(numbers.write(machine, archs), machine.byteOrder());
        return new SeccompFilter(program, flags, warnings, remarks);
    }

    /** Whether a listener is made, which is so when any rule has the action NOTIFY. */
    private static boolean checkNotify(Seccomp profile, SeccompSupport kernel) {
        boolean listener = false;
        for (Seccomp.Syscall entry : profile.syscalls()) {
            if (entry.action() == Action.SCMP_ACT_NOTIFY) {
                if (!kernel.listener()) {
                    throw new Failure.Unsupported(
                            "seccomp notify unsupported: API level: want at least 6, Linux >= 5.7");
                }
                // Whoever hands over the listener may have to write before the agent answers.
                if (entry.names().contains("write")) {
                    throw new Failure.Invalid(
                            "SCMP_ACT_NOTIFY cannot be used for the write syscall");
                }
                listener |= !entry.names().isEmpty();
            }
        }
        if (profile.defaultAction() == Action.SCMP_ACT_NOTIFY) {
            throw new Failure.Invalid("SCMP_ACT_NOTIFY cannot be used as default action");
        }
        return listener;
    }

    private static EnumSet<Arch> architectures(Seccomp profile, Arch machine) {
        EnumSet<Arch> archs = EnumSet.of(machine);
        for (Seccomp.Architecture listed : profile.architectures()) {
            Arch arch = Arch.of(listed);
            if (arch.byteOrder() != machine.byteOrder()) {
                throw new Failure.Invalid(
                        "error adding architecture to seccomp filter: numerical argument out of"
                                + " domain: linux.seccomp.architectures: "
                                + listed
                                + " has another byte order than this machine");
            }
            archs.add(arch);
        }
        return archs;
    }

    private static int flags(Seccomp profile, SeccompSupport kernel, boolean listener) {
        int flags = listener ? SeccompSupport.FLAG_NEW_LISTENER : 0;
        List<Flag> given = profile.flags();
        if (given == null) {
            return flags | kernel.flags() & SeccompSupport.FLAG_SPEC_ALLOW;
        }
        for (Flag flag : given) {
            flags |=
                    switch (flag) {
                        case SECCOMP_FILTER_FLAG_TSYNC -> 0; // there is only one thread
                        case SECCOMP_FILTER_FLAG_LOG ->
                                supported(flag, SeccompSupport.FLAG_LOG, kernel);
                        case SECCOMP_FILTER_FLAG_SPEC_ALLOW ->
                                supported(flag, SeccompSupport.FLAG_SPEC_ALLOW, kernel);
                        case SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ->
                                supported(flag, SeccompSupport.FLAG_WAIT_KILLABLE_RECV, kernel);
                    };
        }
        if (!listener && (flags & SeccompSupport.FLAG_WAIT_KILLABLE_RECV) != 0) {
            throw new Failure.Invalid(
                    "error loading seccomp filter into kernel: error loading seccomp filter: invalid"
                            + " argument: linux.seccomp.flags:"
                            + " SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV wants a rule with"
                            + " SCMP_ACT_NOTIFY");
        }
        return flags;
    }

    private static int supported(Flag flag, int bit, SeccompSupport kernel) {
        if (!kernel.hasFlag(bit)) {
            throw new Failure.Unsupported(
                    "seccomp flag " + flag + " is not known to this kernel: linux.seccomp.flags");
        }
        return bit;
    }

    private RuleBook rules(
            Seccomp profile, int defaultAction, SeccompSupport kernel, List<String> remarks) {
        var rules = new RuleBook(table);
        int unknown = 0;
        for (int i = 0; i < profile.syscalls().size(); i++) {
            Seccomp.Syscall entry = profile.syscalls().get(i);
            int action =
                    ReturnValue.of(
                            entry.action(),
                            entry.errnoRet(),
                            kernel,
                            "linux.seccomp.syscalls[" + i + "].errnoRet");
            List<List<Condition>> alternatives = alternatives(entry.args());
            for (String name : entry.names()) {
                if (name.isEmpty()) {
                    throw new Failure.Invalid(
                            "empty string is not a valid syscall: linux.seccomp.syscalls["
                                    + i
                                    + "].names");
                }
                int row = table.row(name);
                if (row == SyscallTable.NONE) {
                    if (++unknown <= MOST_REMARKS) {
                        remarks.add(
                                "unknown seccomp syscall \"" + Printable.of(name) + "\" ignored");
                    }
                    continue;
                }
                rules.name(row, name);
                if (action != defaultAction) {
                    for (List<Condition> conditions : alternatives) {
                        rules.add(row, i, name, action, conditions);
                    }
                }
            }
        }
        if (unknown > MOST_REMARKS) {
            remarks.add((unknown - MOST_REMARKS) + " more unknown seccomp syscalls ignored");
        }
        return rules;
    }

    /**
     * What an entry asks of the arguments: all of it together, unless an argument occurs twice;
     * then, as by runc, each comparison is an alternative of its own.
     */
    private static List<List<Condition>> alternatives(List<Argument> arguments) {
        if (arguments.isEmpty()) {
            return List.of(List.of());
        }
        var byArgument = new @Nullable Condition[6];
        var separate = new ArrayList<List<Condition>>(arguments.size());
        boolean together = true;
        for (Argument argument : arguments) {
            var condition = Condition.of(argument);
            together &= byArgument[argument.index()] == null;
            byArgument[argument.index()] = condition;
            separate.add(List.of(condition));
        }
        if (!together) {
            return separate;
        }
        var all = new ArrayList<Condition>(arguments.size());
        for (Condition condition : byArgument) {
            if (condition != null) {
                all.add(condition);
            }
        }
        return List.of(all);
    }
}
