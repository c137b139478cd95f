package dev.rung.host.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.oci.Resources.DeviceRule;
import dev.rung.oci.Resources.DeviceRuleType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hands programs to the kernel's verifier. Needs root. */
@Tag("system")
@SuppressWarnings("restricted")
class VerifierTests {
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;

    @Test
    void shouldBeAccepted() {
        assumeTrue("root".equals(System.getProperty("user.name")), "wants root");
        var all = new DeviceRule(true, DeviceRuleType.ALL, -1, -1, "rwm");
        var some = new ArrayList<DeviceRule>();
        for (int i = 0; i < 60; i++) {
            some.add(
                    new DeviceRule(
                            i % 3 > 0,
                            i % 2 == 0 ? DeviceRuleType.BLOCK : DeviceRuleType.CHARACTER,
                            i % 7,
                            i,
                            Access.letters(1 + i % 7)));
        }
        var denying = new ArrayList<>(some);
        denying.addFirst(all);
        for (List<DeviceRule> rules : List.of(List.<DeviceRule>of(), List.of(all), some, denying)) {
            assertThat(load(DeviceRules.of(rules).program())).isEmpty();
        }
    }

    /** What the verifier complains about. */
    private static String load(byte[] program) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment instructions = arena.allocate(program.length, 8);
            instructions.copyFrom(MemorySegment.ofArray(program));
            MemorySegment log = arena.allocate(1 << 16);
            MemorySegment attributes = arena.allocate(64, 8);
            attributes.set(JAVA_INT, 0, BPF_PROG_TYPE_CGROUP_DEVICE);
            attributes.set(JAVA_INT, 4, program.length / 8);
            attributes.set(JAVA_LONG, 8, instructions.address());
            attributes.set(JAVA_LONG, 16, arena.allocateFrom("Apache-2.0").address());
            attributes.set(JAVA_INT, 24, 1);
            attributes.set(JAVA_INT, 28, 1 << 16);
            attributes.set(JAVA_LONG, 32, log.address());
            long number = System.getProperty("os.arch").equals("amd64") ? 321 : 280;
            Linker linker = Linker.nativeLinker();
            MethodHandle syscall =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("syscall"),
                            FunctionDescriptor.of(
                                    JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                            Linker.Option.firstVariadicArg(1));
            MethodHandle close =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("close"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            long descriptor = (long) syscall.invokeExact(number, BPF_PROG_LOAD, attributes, 64);
            if (descriptor >= 0) {
                int closed = (int) close.invokeExact((int) descriptor);
                return closed == 0 ? "" : "not closed";
            }
            String said = log.getString(0);
            return said.isEmpty() ? "refused: " + log.get(JAVA_BYTE, 0) : said;
        } catch (Throwable e) {
            throw new AssertionError("bpf", e);
        }
    }
}
