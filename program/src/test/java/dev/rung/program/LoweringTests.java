package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.program.ControlStep.Ensure;
import dev.rung.program.ControlStep.Exec;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.CredentialStep.Capset;
import dev.rung.program.FileStep.Mknodat;
import dev.rung.program.FileStep.Openat2;
import dev.rung.program.FileStep.Write;
import dev.rung.program.MountStep.MountSetattr;
import dev.rung.program.SocketStep.SendDescriptors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes computed by hand from docs/formats/program.md and the kernel's structures. */
class LoweringTests {
    private final Assembly assembly = new Assembly(Machine.X86_64);
    private final StepStream stream = assembly.stream(0);

    @Test
    void shouldLowerOpenat2ToTheCallAndItsStructure() {
        Slot root = stream.add(new Openat2(Operand.CWD, "/r", 0x200000, 0)).into("root");
        stream.add(new Openat2(root, Text.of("proc"), 0x80000, 0, 0x12), new Label("k", "s"))
                .tolerating(Errno.ENOENT)
                .into(assembly.slot("proc"));
        Wire wire = build();

        assertThat(wire.op(1)).isEqualTo(0);
        assertThat(wire.nr(1)).isEqualTo(437);
        assertThat(wire.result(1)).isEqualTo(1);
        assertThat(wire.kinds(1)).isEqualTo(0x0112);
        assertThat(wire.operand(1, 0)).isEqualTo(0);
        assertThat(text(wire, wire.operand(1, 1))).isEqualTo("proc");
        assertThat(wire.operand(1, 3)).isEqualTo(24);
        long how = wire.operand(1, 2);
        assertThat(how % 8).isZero();
        assertThat(wire.data64(how)).isEqualTo(0x80000);
        assertThat(wire.data64(how + 8)).isEqualTo(0);
        assertThat(wire.data64(how + 16)).isEqualTo(0x12);
        assertThat(wire.tolerated(1, 0)).isEqualTo(2);
        assertThat(text(wire, wire.key(1))).isEqualTo("k");
        assertThat(text(wire, wire.say(1))).isEqualTo("s");
        assertThat(wire.operand(0, 0)).isEqualTo(-100);
    }

    @Test
    void shouldWriteTheHeaderAsDrawn() {
        assembly.init(stream.add(new Fork(0x20000, 1)).into("pid"));
        assembly.stream(1).add(new ControlStep.Signals());
        byte[] bytes = assembly.build().bytes();
        assertThat(bytes)
                .startsWith(
                        0x52, 0x55, 0x4e, 0x47, // RUNG
                        1, 0, // version
                        62, 0, // x86-64
                        232, 0, 0, 0, // 80 + 2 * 72 + 8
                        2, 0, 0, 0, // steps
                        80, 0, 0, 0, // steps_at
                        224, 0, 0, 0, // data_at
                        8, 0, 0, 0, // data_size
                        1, 0, 0, 0, // slots
                        2, 0, 0, 0, // streams
                        0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // first steps
                        232, 0, 0, 0, // relocs_at
                        0, 0, 0, 0, // relocs
                        1, 0, 0, 0) // init slot + 1
                .hasSize(232);
        Wire wire = new Wire(bytes);
        assertThat(wire.operand(0, 0)).isEqualTo(0x20000);
        assertThat(wire.operand(0, 1)).isEqualTo(1);
        assertThat(wire.operand(0, 2)).isEqualTo(-1);
        assertThat(wire.operand(0, 3)).isEqualTo(0xffff);
    }

    @Test
    void shouldKeepEqualTextsOnce() {
        stream.add(new Ensure(Operand.of(3), "/a", false, 0755), new Label("/a", "/b"));
        stream.add(new FileStep.Mkdirat(Operand.of(3), Text.of(KernelPath.of("/c")), 0755));
        stream.add(new FileStep.Mkdirat(Operand.of(3), Text.of(KernelPath.of("/c")), 0755));
        Wire wire = build();
        assertThat(wire.operand(0, 1)).isEqualTo(wire.key(0)).isNotEqualTo(wire.say(0));
        assertThat(wire.operand(1, 1)).isEqualTo(wire.operand(2, 1));
    }

    @Test
    void shouldExpectWritesToBeWhole() {
        stream.add(new Write(Operand.of(5), "é1\n"));
        Wire wire = build();
        assertThat(wire.nr(0)).isEqualTo(1);
        assertThat(wire.operand(0, 2)).isEqualTo(4);
        assertThat(wire.flags(0)).isEqualTo(Format.FLAG_EXACT);
    }

    @Test
    void shouldKeepBytesThatAreNoUtf8() {
        stream.add(new FileStep.Chdir("a\udcffb"));
        Wire wire = build();
        assertThat(wire.text(wire.operand(0, 0))).containsExactly('a', 0xff, 'b');
    }

    @Test
    void shouldPokeDescriptorsIntoStructures() {
        Slot userns = stream.add(new Openat2(Operand.CWD, "u", 0, 0)).into("userns");
        stream.add(MountSetattr.idmap(Operand.of(4), userns, true));
        Wire wire = build();
        assertThat(wire.op(1)).isEqualTo(Format.OP_POKE);
        assertThat(wire.kinds(1)).isEqualTo(0x002);
        long attributes = wire.operand(2, 3);
        assertThat(wire.operand(1, 1)).isEqualTo(attributes + 24);
        assertThat(wire.operand(1, 2)).isEqualTo(8);
        assertThat(wire.nr(2)).isEqualTo(442);
        assertThat(wire.data64(attributes)).isEqualTo(0x100000);
        assertThat(wire.operand(2, 2)).isEqualTo(0x9000);
        assertThat(wire.operand(2, 4)).isEqualTo(32);
    }

    @Test
    void shouldBuildMessagesWithDescriptors() {
        stream.add(new SendDescriptors(Operand.of(3), Bytes.of("hi"), Operand.of(9)));
        Wire wire = build();
        long message = wire.operand(0, 1);
        long part = wire.data64(message + 16);
        long control = wire.data64(message + 32);
        assertThat(wire.isPointer(message + 16)).isTrue();
        assertThat(wire.isPointer(message + 32)).isTrue();
        assertThat(wire.isPointer(part)).isTrue();
        assertThat(wire.data64(message)).isZero();
        assertThat(wire.data64(message + 24)).isEqualTo(1);
        assertThat(text(wire, wire.data64(part))).isEqualTo("hi");
        assertThat(wire.data64(part + 8)).isEqualTo(2);
        assertThat(wire.data64(message + 40)).isEqualTo(20);
        assertThat(wire.data64(control)).isEqualTo(20);
        assertThat(wire.data32(control + 8)).isEqualTo(1);
        assertThat(wire.data32(control + 12)).isEqualTo(1);
        assertThat(wire.data32(control + 16)).isEqualTo(9);
    }

    @Test
    void shouldSplitCapabilitiesInTwoHalves() {
        stream.add(new Capset(1L << 40 | 2, 4, 8));
        Wire wire = build();
        assertThat(wire.data64(wire.operand(0, 0))).isEqualTo(0x20080522);
        long sets = wire.operand(0, 1);
        int[] words = new int[6];
        for (int i = 0; i < 6; i++) {
            words[i] = (int) wire.data32(sets + 4L * i);
        }
        assertThat(words).containsExactly(2, 4, 8, 1 << 8, 0, 0);
    }

    @Test
    void shouldBuildTablesThatEndWithNull() {
        var argv = List.of(Text.of("sh"), Text.of("-c"));
        stream.add(new Exec(List.of(Text.of("/bin/sh")), argv, List.of(), Operand.of(0)));
        Wire wire = build();
        long table = wire.operand(0, 1);
        assertThat(text(wire, wire.data64(table))).isEqualTo("sh");
        assertThat(text(wire, wire.data64(table + 8))).isEqualTo("-c");
        assertThat(wire.data64(table + 16)).isEqualTo(-1);
        assertThat(wire.isPointer(table + 16)).isTrue();
        assertThat(wire.data64(wire.operand(0, 2))).isEqualTo(-1);
    }

    @Test
    void shouldPackDeviceNumbersAsTheKernelDoes() {
        assertThat(Mknodat.device(1, 3)).isEqualTo(0x103);
        assertThat(Mknodat.device(0xabc, 0x12345)).isEqualTo(0x123abc45);
    }

    private Wire build() {
        byte[] bytes = assembly.build().bytes();
        return new Wire(Program.read(bytes).bytes());
    }

    private static String text(Wire wire, long at) {
        return new String(wire.text(at), StandardCharsets.UTF_8);
    }
}
