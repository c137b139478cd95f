package dev.rung.host.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.oci.Seccomp;
import dev.rung.oci.Seccomp.Action;
import dev.rung.oci.Seccomp.Architecture;
import dev.rung.oci.Seccomp.Argument;
import dev.rung.oci.Seccomp.Operator;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our filter against the one that runc itself put on a container, number by number. Needs root. */
@Tag("system")
@Timeout(120)
class RuncComparisonTests {
    private static final SeccompSupport ALL = SeccompSupport.ofRelease(6, 17);
    private static final List<Architecture> COMMON =
            List.of(
                    Architecture.SCMP_ARCH_X86_64,
                    Architecture.SCMP_ARCH_X86,
                    Architecture.SCMP_ARCH_X32);

    @TempDir Path folder = Path.of("");

    private final SyscallTable table = SyscallTable.load();

    @BeforeEach
    void need() {
        assumeTrue(RuncContainer.isPossible(), "wants root, runc and busybox-static");
        assumeTrue("amd64".equals(System.getProperty("os.arch")), "written for x86_64");
    }

    @Test
    void shouldDecideLikeRuncWithDockersProfile() throws Exception {
        compare(DockerProfile.make());
    }

    @Test
    void shouldDecideLikeRuncWithoutOtherArchitectures() throws Exception {
        compare(with(DockerProfile.make(), List.of(Architecture.SCMP_ARCH_X86_64)));
    }

    @Test
    void shouldDecideLikeRuncWithForeignArchitectures() throws Exception {
        compare(
                with(
                        DockerProfile.make(),
                        List.of(
                                Architecture.SCMP_ARCH_X86_64,
                                Architecture.SCMP_ARCH_X32,
                                Architecture.SCMP_ARCH_ARM,
                                Architecture.SCMP_ARCH_AARCH64,
                                Architecture.SCMP_ARCH_MIPSEL,
                                Architecture.SCMP_ARCH_PPC64LE)));
    }

    @Test
    void shouldDecideLikeRuncWhereCallsAreForbiddenOneByOne() throws Exception {
        var entries =
                List.of(
                        entry(Action.SCMP_ACT_ERRNO, 13L, "mkdir", "socket", "shmget"),
                        entry(Action.SCMP_ACT_KILL, null, "reboot"),
                        entry(Action.SCMP_ACT_KILL_PROCESS, null, "kexec_load"),
                        entry(Action.SCMP_ACT_TRAP, null, "swapon", "no_such_call"),
                        entry(Action.SCMP_ACT_TRACE, 7L, "swapoff"),
                        entry(Action.SCMP_ACT_LOG, null, "sync"));
        compare(new Seccomp(Action.SCMP_ACT_ALLOW, null, COMMON, null, null, null, entries));
    }

    @Test
    void shouldDecideLikeRuncWithEveryOperator() throws Exception {
        var entries = new ArrayList<Seccomp.Syscall>();
        int next = 0;
        for (Operator operator : Operator.values()) {
            for (long value : new long[] {0, 5, 0xffffffffL, 0x500000005L, -1}) {
                String name = table.name(245 + next++, Arch.X86_64);
                entries.add(
                        new Seccomp.Syscall(
                                List.of(name == null ? "kcmp" : name),
                                Action.SCMP_ACT_ERRNO,
                                1L,
                                List.of(
                                        new Argument(1, 5, 0, Operator.SCMP_CMP_EQ),
                                        new Argument(2, value, 4, operator))));
            }
        }
        compare(new Seccomp(Action.SCMP_ACT_ALLOW, null, COMMON, null, null, null, entries));
    }

    @Test
    void shouldDecideLikeRuncWhereTheDefaultIsToLog() throws Exception {
        compare(
                new Seccomp(
                        Action.SCMP_ACT_LOG,
                        null,
                        List.of(),
                        null,
                        null,
                        null,
                        List.of(entry(Action.SCMP_ACT_ALLOW, null, "read", "write"))));
    }

    private void compare(Seccomp profile) throws IOException, InterruptedException {
        byte[] compiled = new SeccompCompiler(table).compile(profile, Arch.X86_64, ALL).program();
        var ours = new FilterMachine(compiled, ByteOrder.LITTLE_ENDIAN);
        FilterMachine theirs;
        try (var container = new RuncContainer(folder, profile)) {
            theirs = new FilterMachine(container.filter(), ByteOrder.LITTLE_ENDIAN);
        }
        List<long[]> arguments = new ProfileMaker(1, table, List.of("read")).argumentsFor(profile);
        var differences = new TreeSet<String>();
        for (Arch arch : Arch.values()) {
            for (int number : numbers()) {
                for (long[] values : arguments) {
                    int our = ours.run(arch.audit(), number, values);
                    int their = theirs.run(arch.audit(), number, values);
                    if (our != their) {
                        differences.add(
                                "%s %x: %x instead of %x".formatted(arch, number, our, their));
                    }
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    private static List<Integer> numbers() {
        var numbers = new ArrayList<Integer>();
        for (int base : new int[] {0, 4000, 5000, 6000, 0x40000000}) {
            for (int i = 0; i <= 600; i++) {
                numbers.add(base + i);
            }
        }
        for (int edge : new int[] {0xf0000, 0x40000000, 0x7fffffff, 0x80000000, 0xc0000000, -1}) {
            for (int i = -2; i <= 6; i++) {
                numbers.add(edge + i);
            }
        }
        return numbers;
    }

    private static Seccomp with(Seccomp profile, List<Architecture> architectures) {
        return new Seccomp(
                profile.defaultAction(),
                profile.defaultErrnoRet(),
                architectures,
                null,
                null,
                null,
                profile.syscalls());
    }

    private static Seccomp.Syscall entry(Action action, @Nullable Long errno, String... names) {
        return new Seccomp.Syscall(List.of(names), action, errno, List.of());
    }
}
