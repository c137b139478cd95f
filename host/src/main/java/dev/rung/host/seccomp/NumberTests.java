package dev.rung.host.seccomp;

import java.util.EnumSet;
import java.util.List;

/** Writes what is asked first: the architecture, then the number of the system call. */
final class NumberTests {
    private static final int NUMBER = 0; // offsets in struct seccomp_data
    private static final int ARCHITECTURE = 4;
    private static final long X32_START = 1L << 30;
    private static final long X32_END = 1L << 31;
    private static final long X32_BIT_AGAIN = 3L << 30;
    private static final long MINUS_ONE = 0xffffffffL;
    private static final long END = 1L << 32;

    private final RuleBook rules;
    private final FilterWriter writer;
    private final List<String> warnings;
    private final int defaultAction;
    private final boolean newerUnknown;

    /**
     * @param newerUnknown whether a call newer than all that the profile knows gets ENOSYS
     */
    NumberTests(
            RuleBook rules,
            FilterWriter writer,
            List<String> warnings,
            int defaultAction,
            boolean newerUnknown) {
        this.rules = rules;
        this.writer = writer;
        this.warnings = warnings;
        this.defaultAction = writer.action(defaultAction);
        this.newerUnknown = newerUnknown;
    }

    /** The place at which the filter starts. */
    int write(Arch machine, EnumSet<Arch> archs) {
        int place = writer.action(ReturnValue.KILL_THREAD);
        for (Arch arch : archs) {
            if (arch.audit() != machine.audit()
                    && !(arch == Arch.X32 && archs.contains(Arch.X86_64))) {
                place = ifArchitecture(arch, archs, place);
            }
        }
        return writer.load(ARCHITECTURE, ifArchitecture(machine, archs, place));
    }

    private int ifArchitecture(Arch arch, EnumSet<Arch> archs, int otherwise) {
        int number =
                arch.audit() == Arch.X86_64.audit()
                        ? x86(archs.contains(Arch.X86_64), archs.contains(Arch.X32))
                        : plain(arch);
        return writer.test(
                FilterWriter.EQUAL, arch.audit(), writer.load(NUMBER, number), otherwise);
    }

    private int plain(Arch arch) {
        var ranges = new Ranges();
        long newest = newest(arch);
        boolean s390 = arch == Arch.S390 || arch == Arch.S390X;
        List<RuleBook.Call> calls = rules.calls(arch);
        if (s390 && newest > 0) {
            // Call 0, setup(2), stands for every number that did not fit into the instruction.
            ranges.add(0, writer.action(ReturnValue.ENOSYS));
            addRange(ranges, arch, 1, orEnd(newest), calls);
        } else {
            addRange(ranges, arch, 0, orEnd(newest), calls);
        }
        addNewer(ranges, newest);
        return ranges.write(writer);
    }

    /**
     * x86_64 has the numbers without bit 30, x32 those with it. Even numbers that no kernel knows
     * are decided as by runc's and libseccomp's parts of the filter: -1, which a tracer sets to
     * skip a call, is never killed for being x32's.
     */
    private int x86(boolean has64, boolean has32) {
        int killed = writer.action(ReturnValue.KILL_THREAD);
        int refused = writer.action(ReturnValue.ENOSYS);
        long newest64 = has64 ? newest(Arch.X86_64) : 0;
        long newest32 = has32 ? newest(Arch.X32) : 0;
        var ranges = new Ranges();
        if (has64) {
            List<RuleBook.Call> calls = rules.calls(Arch.X86_64);
            addRange(ranges, Arch.X86_64, 0, newest64 > 0 ? newest64 + 1 : X32_START, calls);
            addNewer(ranges, newest64);
        } else {
            ranges.add(0, killed);
        }
        if (has32) {
            List<RuleBook.Call> calls = rules.calls(Arch.X32);
            addRange(ranges, Arch.X32, X32_START, newest32 > 0 ? newest32 + 1 : X32_END, calls);
            addNewer(ranges, newest32);
        } else {
            ranges.add(X32_START, killed);
        }
        int outside = has32 ? defaultAction : killed;
        ranges.add(X32_END, newest64 > 0 ? refused : outside);
        ranges.add(X32_BIT_AGAIN, newest32 > 0 ? refused : outside);
        ranges.add(MINUS_ONE, newest32 > 0 ? refused : defaultAction);
        return ranges.write(writer, X32_START);
    }

    private void addNewer(Ranges ranges, long newest) {
        if (newest > 0) {
            ranges.add(newest + 1, writer.action(ReturnValue.ENOSYS));
        }
    }

    private static long orEnd(long newest) {
        return newest > 0 ? newest + 1 : END;
    }

    private void addRange(Ranges ranges, Arch arch, long from, long to, List<RuleBook.Call> calls) {
        var tests = new ArgumentTests(writer, arch);
        ranges.add(from, defaultAction);
        for (RuleBook.Call call : calls) {
            if (call.number() >= from && call.number() < to) {
                ranges.add(call.number(), tests.decide(call.rules(), defaultAction));
                ranges.add(call.number() + 1L, defaultAction);
            }
        }
    }

    /** The highest number that is not refused as unknown; 0: none is. */
    private long newest(Arch arch) {
        if (!newerUnknown) {
            return 0;
        }
        int newest = rules.newest(arch);
        if (newest == 0) {
            warnings.add("could not find any syscalls for arch SCMP_ARCH_" + arch);
        }
        return newest;
    }
}
