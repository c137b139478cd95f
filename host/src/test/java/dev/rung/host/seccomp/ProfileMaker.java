package dev.rung.host.seccomp;

import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Architecture;
import dev.rung.oci.Seccomp.Argument;
import dev.rung.oci.Seccomp.Operator;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes profiles at random, the same for the same seed, and calls at which they may break. */
final class ProfileMaker {
    private static final List<Operator> OPERATORS = List.of(Operator.values());
    private static final List<Action> ACTIONS =
            List.of(Action.SCMP_ACT_ALLOW, Action.SCMP_ACT_ERRNO, Action.SCMP_ACT_TRAP);

    private final Random random;
    private final List<String> names;
    private final SyscallTable table;
    private int actions = 1;
    private boolean likedByLibseccomp;

    ProfileMaker(long seed, SyscallTable table, List<String> names) {
        this.random = new Random(seed);
        this.table = table;
        this.names = names;
    }

    /** Rules ask for up to so many actions, and so may disagree. */
    ProfileMaker actions(int count) {
        actions = count;
        return this;
    }

    /**
     * Only what libseccomp compiles as written: up to 2.6.1 it gets lost, even without end, where a
     * comparison for order or inequality is followed by another argument's; and where such
     * comparisons of one argument ask for several actions, it takes the wrong one.
     */
    ProfileMaker likedByLibseccomp() {
        likedByLibseccomp = true;
        return this;
    }

    Seccomp make(ByteOrder order) {
        Action defaultAction =
                random.nextInt(4) == 0
                        ? pick(List.of(Action.SCMP_ACT_ALLOW, Action.SCMP_ACT_LOG))
                        : pick(List.of(Action.SCMP_ACT_ERRNO, Action.SCMP_ACT_KILL_PROCESS));
        var architectures = new ArrayList<Architecture>();
        for (Architecture architecture : Architecture.values()) {
            boolean common =
                    switch (architecture) {
                        case SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64 -> true;
                        default -> false;
                    };
            if (random.nextInt(common ? 2 : 12) == 0
                    && Arch.of(architecture).byteOrder() == order) {
                architectures.add(architecture);
            }
        }
        var pool = new ArrayList<String>(List.of("socket", "shmat", "no_such_call", "clone"));
        for (int i = random.nextInt(30); i >= 0; i--) {
            pool.add(pick(names));
        }
        var entries = new ArrayList<Seccomp.Syscall>();
        for (int i = random.nextInt(40); i > 0; i--) {
            var some = new ArrayList<String>();
            for (int j = random.nextInt(3); j >= 0; j--) {
                some.add(pick(pool));
            }
            Action action = ACTIONS.get(random.nextInt(actions));
            Long errno = action == Action.SCMP_ACT_ERRNO ? (Long) (long) random.nextInt(3) : null;
            entries.add(new Seccomp.Syscall(some, action, errno, arguments()));
        }
        return new Seccomp(defaultAction, null, architectures, null, null, null, entries);
    }

    /** Numbers around those that the profile names, and around where ranges of numbers end. */
    List<Integer> numbers(Seccomp profile, Arch arch) {
        var numbers = new ArrayList<Integer>();
        for (Seccomp.Syscall entry : profile.syscalls()) {
            for (String name : entry.names()) {
                int number = table.number(name, arch);
                if (number != SyscallTable.NONE) {
                    numbers.addAll(List.of(number - 1, number, number + 1));
                }
            }
        }
        for (String multiplexer : List.of("socketcall", "ipc")) {
            int number = table.number(multiplexer, arch);
            if (number != SyscallTable.NONE) {
                numbers.add(number);
            }
        }
        for (int base : new int[] {0, 600, 0x40000000, 0x40000400, 0x80000000, 0xc0000000}) {
            numbers.addAll(List.of(base - 1, base, base + 1));
        }
        return numbers;
    }

    /** Arguments around the values that the profile compares with. */
    List<long[]> argumentsFor(Seccomp profile) {
        var interesting = new ArrayList<Long>(List.of(0L, 1L, -1L, 0xffffffffL, 1L << 32));
        for (Seccomp.Syscall entry : profile.syscalls()) {
            for (Argument argument : entry.args()) {
                for (long value : new long[] {argument.value(), argument.valueTwo()}) {
                    long half = 1L << 32;
                    interesting.addAll(List.of(value - 1, value, value + 1, ~value));
                    interesting.addAll(List.of(value + half, value - half, value & half - 1));
                }
            }
        }
        var all = new ArrayList<long[]>();
        for (int i = 0; i < 40; i++) {
            var values = new long[6];
            for (int j = 0; j < values.length; j++) {
                boolean same = j > 0 && random.nextInt(3) == 0;
                values[j] = same ? values[j - 1] : pick(interesting);
            }
            all.add(values);
        }
        return all;
    }

    private List<Argument> arguments() {
        var arguments = new ArrayList<Argument>();
        boolean alternatives = random.nextInt(4) == 0;
        int count = random.nextInt(3) == 0 ? 0 : random.nextInt(4);
        int index = random.nextInt(3);
        for (int i = 0; i < count && index < 6; i++) {
            boolean last = alternatives || i + 1 == count || index == 5;
            Operator operator = pick(operators(last));
            long valueTwo = operator == Operator.SCMP_CMP_MASKED_EQ ? value() : 0;
            arguments.add(new Argument(index, value(), valueTwo, operator));
            index += alternatives ? 0 : 1 + random.nextInt(2);
        }
        return arguments;
    }

    private List<Operator> operators(boolean last) {
        if (!likedByLibseccomp || last && actions == 1) {
            return OPERATORS;
        }
        var equality = List.of(Operator.SCMP_CMP_EQ, Operator.SCMP_CMP_MASKED_EQ);
        return last
                ? List.of(
                        Operator.SCMP_CMP_EQ,
                        Operator.SCMP_CMP_MASKED_EQ,
                        Operator.SCMP_CMP_GE,
                        Operator.SCMP_CMP_GT)
                : equality;
    }

    private long value() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(4);
            case 1 -> random.nextInt(4) + ((long) random.nextInt(3) << 32);
            case 2 -> -1L - random.nextInt(2);
            case 3 -> 0xffffffffL - random.nextInt(2);
            case 4 -> 1L << random.nextInt(64);
            default -> random.nextLong();
        };
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
