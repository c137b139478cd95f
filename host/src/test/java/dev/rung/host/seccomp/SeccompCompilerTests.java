package dev.rung.host.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Architecture;
import dev.rung.oci.Seccomp.Argument;
import dev.rung.oci.Seccomp.Flag;
import dev.rung.oci.Seccomp.Operator;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeccompCompilerTests {
    private static final SeccompSupport ALL = SeccompSupport.ofRelease(6, 17);
    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050000 | 38;
    private static final int KILLED = 0;

    private final SyscallTable table = SyscallTable.load();
    private final SeccompCompiler compiler = new SeccompCompiler(table);

    @Test
    void shouldReturnEachAction() {
        Object[][] expected = {
            {Action.SCMP_ACT_KILL, null, 0},
            {Action.SCMP_ACT_KILL_THREAD, null, 0},
            {Action.SCMP_ACT_KILL_PROCESS, null, 0x80000000},
            {Action.SCMP_ACT_TRAP, null, 0x00030000},
            {Action.SCMP_ACT_ERRNO, null, EPERM},
            {Action.SCMP_ACT_ERRNO, 13L, 0x0005000d},
            {Action.SCMP_ACT_ERRNO, 0L, 0x00050000},
            {Action.SCMP_ACT_TRACE, null, 0x7ff00001},
            {Action.SCMP_ACT_TRACE, 7L, 0x7ff00007},
            {Action.SCMP_ACT_LOG, null, 0x7ffc0000},
            {Action.SCMP_ACT_NOTIFY, null, 0x7fc00000},
        };
        for (Object[] row : expected) {
            var rule =
                    new Seccomp.Syscall(
                            List.of("mkdir"), (Action) row[0], (Long) row[1], List.of());
            FilterMachine filter = compile(profile(Action.SCMP_ACT_ALLOW, rule));
            assertThat(run(filter, "mkdir")).isEqualTo(row[2]);
            assertThat(run(filter, "rmdir")).isEqualTo(ALLOW);
        }
    }

    @Test
    void shouldTakeTheDefaultErrno() {
        var profile =
                new Seccomp(
                        Action.SCMP_ACT_ERRNO,
                        5L,
                        List.of(),
                        null,
                        null,
                        null,
                        List.of(allow("write")));
        FilterMachine filter = compile(profile);
        assertThat(run(filter, "read")).isEqualTo(0x00050005);
        assertThat(run(filter, "write")).isEqualTo(ALLOW);
    }

    @Test
    void shouldCompareWholeArgumentsWithoutASign() {
        long[] values = {
            0,
            1,
            5,
            0x7fffffffL,
            0x80000000L,
            0xffffffffL,
            1L << 32,
            (1L << 32) + 5,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            -2,
            -1
        };
        for (Operator operator : Operator.values()) {
            for (long value : values) {
                for (long other : operator == Operator.SCMP_CMP_MASKED_EQ ? values : new long[1]) {
                    var argument = new Argument(3, value, other, operator);
                    Seccomp profile = profile(Action.SCMP_ACT_ERRNO, allow("mmap", argument));
                    FilterMachine filter = compile(profile);
                    var meaning = new ProfileMeaning(table, profile);
                    for (long is : values) {
                        long[] call = {9, 9, 9, is, 9, 9};
                        assertThat(Set.of(run(filter, "mmap", call)))
                                .as("%x %s %x %x", is, operator, value, other)
                                .isEqualTo(meaning.actions(Arch.X86_64, 9, call));
                    }
                }
            }
        }
    }

    @Test
    void shouldAskForAllConditionsOfAnEntry() {
        var entry =
                allow(
                        "mmap",
                        new Argument(0, 1, 0, Operator.SCMP_CMP_EQ),
                        new Argument(2, 10, 0, Operator.SCMP_CMP_GT));
        FilterMachine filter = compile(profile(Action.SCMP_ACT_ERRNO, entry));
        assertThat(run(filter, "mmap", 1, 0, 11, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(run(filter, "mmap", 1, 0, 10, 0, 0, 0)).isEqualTo(EPERM);
        assertThat(run(filter, "mmap", 2, 0, 11, 0, 0, 0)).isEqualTo(EPERM);
    }

    @Test
    void shouldAskForOneConditionOfAnEntryThatNamesAnArgumentTwice() {
        var entry =
                allow(
                        "mmap",
                        new Argument(0, 1, 0, Operator.SCMP_CMP_EQ),
                        new Argument(0, 2, 0, Operator.SCMP_CMP_EQ),
                        new Argument(2, 10, 0, Operator.SCMP_CMP_EQ));
        FilterMachine filter = compile(profile(Action.SCMP_ACT_ERRNO, entry));
        assertThat(run(filter, "mmap", 1, 0, 0, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(run(filter, "mmap", 2, 0, 0, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(run(filter, "mmap", 3, 0, 10, 0, 0, 0)).isEqualTo(ALLOW);
        assertThat(run(filter, "mmap", 3, 0, 11, 0, 0, 0)).isEqualTo(EPERM);
    }

    @Test
    void shouldHeedTheFirstRuleWithoutConditions() {
        var conditional = allow("mmap", new Argument(0, 1, 0, Operator.SCMP_CMP_EQ));
        var trap = new Seccomp.Syscall(List.of("mmap"), Action.SCMP_ACT_TRAP, null, List.of());
        FilterMachine filter =
                compile(profile(Action.SCMP_ACT_ERRNO, conditional, trap, allow("mmap")));
        assertThat(run(filter, "mmap", 1, 0, 0, 0, 0, 0)).isEqualTo(0x00030000);
        assertThat(run(filter, "mmap", 2, 0, 0, 0, 0, 0)).isEqualTo(0x00030000);
    }

    @Test
    void shouldRefuseContradictingRules() {
        var argument = new Argument(0, 1, 0, Operator.SCMP_CMP_EQ);
        var other =
                new Seccomp.Syscall(List.of("mmap"), Action.SCMP_ACT_TRAP, null, List.of(argument));
        assertRefused(
                profile(Action.SCMP_ACT_ERRNO, allow("mmap", argument), other),
                "error adding seccomp rule for syscall mmap: file exists:"
                        + " linux.seccomp.syscalls[1]");
    }

    @Test
    void shouldDecideAsTheRulesSay() {
        for (int seed = 0; seed < 8; seed++) {
            compareWithMeaning(seed, 1);
        }
    }

    @Test
    void shouldDecideAsOneOfTheRulesSaysWhereTheyDisagree() {
        for (int seed = 0; seed < 8; seed++) {
            compareWithMeaning(seed, 3);
        }
    }

    @Test
    void shouldRefuseCallsNewerThanTheProfileAsUnknown() {
        FilterMachine filter = compile(profile(Action.SCMP_ACT_ERRNO, allow("read", "openat2")));
        int newest = 437;
        assertThat(filter.run(Arch.X86_64.audit(), newest, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86_64.audit(), newest - 1, 0)).isEqualTo(EPERM);
        assertThat(filter.run(Arch.X86_64.audit(), newest + 1, 0)).isEqualTo(ENOSYS);
        assertThat(filter.run(Arch.X86_64.audit(), 0x3fffffff, 0)).isEqualTo(ENOSYS);
        assertThat(filter.run(Arch.X86_64.audit(), 0x80000000, 0)).isEqualTo(ENOSYS);
    }

    @Test
    void shouldCountARuleWithoutEffectAsKnown() {
        var redundant =
                new Seccomp.Syscall(List.of("openat2"), Action.SCMP_ACT_ERRNO, 1L, List.of());
        FilterMachine filter = compile(profile(Action.SCMP_ACT_ERRNO, allow("read"), redundant));
        assertThat(run(filter, "openat2")).isEqualTo(EPERM);
        assertThat(run(filter, "file_getattr")).isEqualTo(ENOSYS);
    }

    @Test
    void shouldLetNewerCallsThroughWhereTheDefaultDoes() {
        for (Action action :
                List.of(Action.SCMP_ACT_ALLOW, Action.SCMP_ACT_LOG, Action.SCMP_ACT_TRACE)) {
            var rule = new Seccomp.Syscall(List.of("mkdir"), Action.SCMP_ACT_TRAP, null, List.of());
            FilterMachine filter = compile(profile(action, rule));
            assertThat(run(filter, "file_getattr")).isEqualTo(run(filter, "read"));
        }
    }

    @Test
    void shouldRefuseSetupOnS390WhichStandsForUnknownNumbers() {
        byte[] program =
                compiler.compile(
                                profile(Action.SCMP_ACT_ERRNO, allow("read", "write")),
                                Arch.S390X,
                                ALL)
                        .program();
        var filter = new FilterMachine(program, ByteOrder.BIG_ENDIAN);
        assertThat(filter.run(Arch.S390X.audit(), 0, 0)).isEqualTo(ENOSYS);
        assertThat(filter.run(Arch.S390X.audit(), 1, 0)).isEqualTo(EPERM);
        assertThat(filter.run(Arch.S390X.audit(), 3, 0)).isEqualTo(ALLOW);
    }

    @Test
    void shouldKillOtherArchitecturesAndX32() {
        FilterMachine filter = compile(profile(Action.SCMP_ACT_ALLOW));
        assertThat(filter.run(Arch.X86_64.audit(), 1, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86.audit(), 1, 0)).isEqualTo(KILLED);
        assertThat(filter.run(Arch.AARCH64.audit(), 1, 0)).isEqualTo(KILLED);
        assertThat(filter.run(Arch.X86_64.audit(), 0x40000001, 0)).isEqualTo(KILLED);
        assertThat(filter.run(Arch.X86_64.audit(), -1, 0)).isEqualTo(ALLOW);
    }

    @Test
    void shouldUseEachArchitecturesOwnNumbers() {
        var profile =
                new Seccomp(
                        Action.SCMP_ACT_ERRNO,
                        null,
                        List.of(Architecture.SCMP_ARCH_X86, Architecture.SCMP_ARCH_X32),
                        null,
                        null,
                        null,
                        List.of(allow("execve", "socket")));
        FilterMachine filter = compile(profile);
        assertThat(filter.run(Arch.X86_64.audit(), 59, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86.audit(), 11, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86_64.audit(), 0x40000000 + 520, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86_64.audit(), 0x40000000 + 59, 0)).isEqualTo(EPERM);
    }

    @Test
    void shouldReachSocketsThroughSocketcall() {
        var profile =
                new Seccomp(
                        Action.SCMP_ACT_ERRNO,
                        null,
                        List.of(Architecture.SCMP_ARCH_X86),
                        null,
                        null,
                        null,
                        List.of(allow("connect", "shmdt", "file_setattr")));
        FilterMachine filter = compile(profile);
        assertThat(filter.run(Arch.X86.audit(), 102, 3, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86.audit(), 102, 2, 0)).isEqualTo(EPERM);
        assertThat(filter.run(Arch.X86.audit(), 362, 3, 0)).isEqualTo(ALLOW);
        assertThat(filter.run(Arch.X86.audit(), 117, 22, 0)).isEqualTo(ALLOW);
    }

    @Test
    void shouldRefuseArchitecturesOfTheOtherByteOrder() {
        var profile =
                new Seccomp(
                        Action.SCMP_ACT_ALLOW,
                        null,
                        List.of(Architecture.SCMP_ARCH_S390X),
                        null,
                        null,
                        null,
                        List.of());
        assertRefused(
                profile,
                "error adding architecture to seccomp filter: numerical argument out of domain");
    }

    @Test
    void shouldCompileForEveryMachine() {
        for (Arch machine : Arch.values()) {
            for (Action action : List.of(Action.SCMP_ACT_ALLOW, Action.SCMP_ACT_ERRNO)) {
                var rule =
                        new Seccomp.Syscall(
                                List.of("mkdirat"), Action.SCMP_ACT_LOG, null, List.of());
                byte[] program = compiler.compile(profile(action, rule), machine, ALL).program();
                var filter = new FilterMachine(program, machine.byteOrder());
                int number = table.number("mkdirat", machine);
                assertThat(filter.run(machine.audit(), number, 0)).isEqualTo(0x7ffc0000);
            }
        }
    }

    @Test
    void shouldSkipUnknownNames() {
        SeccompFilter filter =
                compiler.compile(
                        profile(Action.SCMP_ACT_ERRNO, allow("no_such\ncall", "write")),
                        Arch.X86_64,
                        ALL);
        assertThat(filter.warnings()).isEmpty();
        assertThat(filter.remarks())
                .containsExactly("unknown seccomp syscall \"no_such\\ncall\" ignored");
    }

    @Test
    void shouldSayWhenAnArchitectureHasNoneOfTheCalls() {
        SeccompFilter filter = compiler.compile(profile(Action.SCMP_ACT_ERRNO), Arch.X86_64, ALL);
        assertThat(filter.warnings())
                .containsExactly("could not find any syscalls for arch SCMP_ARCH_X86_64");
    }

    @Test
    void shouldChooseFlags() {
        assertThat(flags(null)).isEqualTo(SeccompSupport.FLAG_SPEC_ALLOW);
        assertThat(flags(List.of())).isZero();
        assertThat(flags(List.of(Flag.SECCOMP_FILTER_FLAG_TSYNC))).isEqualTo(0);
        assertThat(
                        flags(
                                List.of(
                                        Flag.SECCOMP_FILTER_FLAG_LOG,
                                        Flag.SECCOMP_FILTER_FLAG_SPEC_ALLOW)))
                .isEqualTo(6);
    }

    @Test
    void shouldAskForAListener() {
        var notify = new Seccomp.Syscall(List.of("mknod"), Action.SCMP_ACT_NOTIFY, null, List.of());
        var profile =
                new Seccomp(
                        Action.SCMP_ACT_ALLOW,
                        null,
                        List.of(),
                        List.of(Flag.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
                        "/agent",
                        null,
                        List.of(notify));
        SeccompFilter filter = compiler.compile(profile, Arch.X86_64, ALL);
        assertThat(filter.hasListener()).isTrue();
        assertThat(filter.flags()).isEqualTo(1 << 3 | 1 << 5);
    }

    @Test
    void shouldRefuseWhatRuncRefuses() {
        var notifyWrite =
                new Seccomp.Syscall(
                        List.of("read", "write"), Action.SCMP_ACT_NOTIFY, null, List.of());
        assertRefused(
                profile(Action.SCMP_ACT_ALLOW, notifyWrite),
                "SCMP_ACT_NOTIFY cannot be used for the write syscall");
        assertRefused(
                profile(Action.SCMP_ACT_NOTIFY),
                "SCMP_ACT_NOTIFY cannot be used as default action");
        assertRefused(
                profile(Action.SCMP_ACT_ALLOW, allow("")), "empty string is not a valid syscall");
    }

    @Test
    void shouldRefuseAnErrnoForActionsWithoutOne() {
        var rule = new Seccomp.Syscall(List.of("read"), Action.SCMP_ACT_TRAP, 1L, List.of());
        assertRefused(
                profile(Action.SCMP_ACT_ALLOW, rule),
                "errno value specified for action SCMP_ACT_TRAP:"
                        + " linux.seccomp.syscalls[0].errnoRet");
    }

    @Test
    void shouldNameWhatTheKernelLacks() {
        var old = SeccompSupport.ofRelease(4, 9);
        var log = new Seccomp.Syscall(List.of("read"), Action.SCMP_ACT_LOG, null, List.of());
        assertThatThrownBy(() ->
                        compiler.compile(profile(Action.SCMP_ACT_ALLOW, log), Arch.X86_64, old))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("SCMP_ACT_LOG");
        var notify = new Seccomp.Syscall(List.of("read"), Action.SCMP_ACT_NOTIFY, null, List.of());
        assertThatThrownBy(() ->
                        compiler.compile(profile(Action.SCMP_ACT_ALLOW, notify), Arch.X86_64, old))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageStartingWith("seccomp notify unsupported");
    }

    @Test
    void shouldBridgeLongJumps() {
        var entries = new ArrayList<Seccomp.Syscall>();
        for (int row = 0; row < table.rows(); row += 2) {
            for (int i = 0; i < 2; i++) {
                entries.add(
                        allow(table.name(row), new Argument(i, row * 7L, 0, Operator.SCMP_CMP_EQ)));
            }
        }
        Seccomp profile = profile(Action.SCMP_ACT_ERRNO, entries.toArray(new Seccomp.Syscall[0]));
        FilterMachine filter = compile(profile);
        assertThat(filter.length()).isBetween(1000, 4096);
        var meaning = new ProfileMeaning(table, profile);
        for (int row = 0; row < table.rows(); row++) {
            int number = table.number(row, Arch.X86_64);
            for (long value : new long[] {row * 7L, (row - 1) * 7L, 1L << 32}) {
                long[] call = {1, value, 0, 0, 0, 0};
                int action = filter.run(Arch.X86_64.audit(), number, call);
                if (number != SyscallTable.NONE && action != ENOSYS) {
                    assertThat(Set.of(action))
                            .isEqualTo(meaning.actions(Arch.X86_64, number, call));
                }
            }
        }
    }

    @Test
    void shouldRefuseFiltersThatAreTooLong() {
        var values = new ArrayList<Seccomp.Syscall>();
        for (int i = 0; i < 3900; i++) {
            values.add(allow("mmap", new Argument(0, i * 3L, 0, Operator.SCMP_CMP_EQ)));
        }
        Seccomp.Syscall[] all = values.toArray(new Seccomp.Syscall[0]);
        assertThat(compile(profile(Action.SCMP_ACT_ERRNO, all)).length()).isLessThan(4096);
        values.addAll(List.of(all));
        assertRefused(
                profile(Action.SCMP_ACT_ERRNO, values.toArray(new Seccomp.Syscall[0])),
                "error loading seccomp filter into kernel: more than 4096 rules for syscall mmap");
        var many = new ArrayList<Seccomp.Syscall>();
        for (int i = 0; i < 3000; i++) {
            many.add(allow("mmap", new Argument(i % 6, i * 3L, 0, Operator.SCMP_CMP_EQ)));
        }
        assertRefused(
                profile(Action.SCMP_ACT_ERRNO, many.toArray(new Seccomp.Syscall[0])),
                "error loading seccomp filter into kernel: more than 4096 instructions");
    }

    @Test
    void shouldKeepDockersProfileShort() {
        FilterMachine filter = compile(DockerProfile.make());
        assertThat(filter.length()).isLessThan(300);
        for (Arch arch : List.of(Arch.X86_64, Arch.X86, Arch.X32)) {
            for (int row = 0; row < table.rows(); row++) {
                int number = table.number(row, arch);
                if (number != SyscallTable.NONE) {
                    filter.run(arch.audit(), number, 0, 0, 0, 0, 0, 0);
                    assertThat(filter.steps()).isLessThanOrEqualTo(16);
                }
            }
        }
    }

    @Test
    void shouldLetTheKernelKnowWhatIsAllowedInAnyCase() {
        Seccomp profile = DockerProfile.make();
        FilterMachine filter = compile(profile);
        for (String name : profile.syscalls().getFirst().names()) {
            for (Arch arch : List.of(Arch.X86_64, Arch.X86)) {
                int number = table.number(name, arch);
                if (number != SyscallTable.NONE) {
                    assertThat(filter.isKnownAllowed(arch.audit(), number)).as(name).isTrue();
                }
            }
        }
        assertThat(filter.isKnownAllowed(Arch.X86_64.audit(), 56)).isFalse();
    }

    private void compareWithMeaning(int seed, int actions) {
        var names = new ArrayList<String>();
        for (int row = 0; row < table.rows(); row++) {
            names.add(table.name(row));
        }
        Arch machine = seed % 3 == 0 ? Arch.S390X : Arch.X86_64;
        var maker = new ProfileMaker(seed, table, names).actions(actions);
        Seccomp profile = maker.make(machine.byteOrder());
        FilterMachine filter;
        try {
            byte[] program = compiler.compile(profile, machine, ALL).program();
            filter = new FilterMachine(program, machine.byteOrder());
        } catch (Failure.Invalid e) {
            assertThat(e).hasMessageContaining("file exists");
            return;
        }
        var meaning = new ProfileMeaning(table, profile);
        List<long[]> calls = maker.argumentsFor(profile).subList(0, 10);
        for (Arch arch : Arch.values()) {
            boolean listed =
                    arch == machine
                            || profile.architectures()
                                    .contains(Architecture.valueOf("SCMP_ARCH_" + arch));
            for (int number : listed ? maker.numbers(profile, arch) : List.<Integer>of()) {
                if (table.name(number, arch) == null || isX32(number) && arch != Arch.X32) {
                    continue;
                }
                for (long[] call : calls) {
                    int action = filter.run(arch.audit(), number, call);
                    if (action != ENOSYS) {
                        assertThat(meaning.actions(arch, number, call))
                                .as("seed %d %s %d", seed, arch, number)
                                .contains(action);
                    }
                }
            }
        }
    }

    private static boolean isX32(int number) {
        return (number & Arch.X32_BIT) != 0;
    }

    private int flags(@Nullable List<Flag> flags) {
        var profile =
                new Seccomp(Action.SCMP_ACT_ALLOW, null, List.of(), flags, null, null, List.of());
        return compiler.compile(profile, Arch.X86_64, ALL).flags();
    }

    private void assertRefused(Seccomp profile, String message) {
        assertThatThrownBy(() -> compiler.compile(profile, Arch.X86_64, ALL))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith(message);
    }

    private FilterMachine compile(Seccomp profile) {
        byte[] program = compiler.compile(profile, Arch.X86_64, ALL).program();
        return new FilterMachine(program, ByteOrder.LITTLE_ENDIAN);
    }

    private int run(FilterMachine filter, String name, long... arguments) {
        return filter.run(Arch.X86_64.audit(), table.number(name, Arch.X86_64), arguments);
    }

    private static Seccomp profile(Action defaultAction, Seccomp.Syscall... entries) {
        return new Seccomp(defaultAction, null, List.of(), null, null, null, List.of(entries));
    }

    private static Seccomp.Syscall allow(String... names) {
        return new Seccomp.Syscall(List.of(names), Action.SCMP_ACT_ALLOW, null, List.of());
    }

    private static Seccomp.Syscall allow(String name, Argument first, Argument... others) {
        var arguments = new ArrayList<Argument>(List.of(first));
        arguments.addAll(List.of(others));
        return new Seccomp.Syscall(List.of(name), Action.SCMP_ACT_ALLOW, null, arguments);
    }
}
