package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.ControlStep.Listener;
import dev.rung.program.FileStep.Close;
import dev.rung.program.FileStep.Openat;
import dev.rung.program.FileStep.Write;
import dev.rung.program.MountStep.MountSetattr;
import org.junit.jupiter.api.Test;

class AssemblyTests {
    private final Assembly assembly = new Assembly(Machine.X86_64);
    private final StepStream stream = assembly.stream(0);

    @Test
    void shouldBuildAnEmptyProgram() {
        assertThat(Program.read(new Assembly(Machine.AARCH64).build().bytes()).listing()).isEmpty();
    }

    @Test
    void shouldSkipToMarks() {
        Mark end = stream.mark();
        stream.add(new Close(Operand.of(3))).tolerating(Errno.EBADF).skippingTo(end);
        stream.add(new Close(Operand.of(4))).toleratingAll().skippingTo(end);
        stream.add(new Close(Operand.of(5)));
        stream.place(end);
        Wire wire = new Wire(assembly.build().bytes());
        assertThat(wire.skip(0)).isEqualTo(2);
        assertThat(wire.skip(1)).isEqualTo(1);
        assertThat(wire.skip(2)).isZero();
    }

    @Test
    void shouldRefuseSkipsThatLeadNowhere() {
        Mark mark = stream.mark();
        stream.place(mark);
        Placed step = stream.add(new Close(Operand.of(3)));
        assertThatThrownBy(() -> step.skippingTo(mark)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stream.place(mark)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> step.skippingTo(assembly.stream(1).mark()))
                .isInstanceOf(IllegalStateException.class);
        step.skippingTo(stream.mark());
        assertThatThrownBy(assembly::build).hasMessageContaining("never placed");
    }

    @Test
    void shouldRefuseSlotsThatNobodyHasSet() {
        Slot slot = assembly.slot("rootfs");
        stream.add(new Close(slot));
        assertThatThrownBy(assembly::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("slot \"rootfs\" is read by step 0 of stream 0, but not set by then");
    }

    @Test
    void shouldRefuseSlotsThatAreSetLater() {
        Slot slot = assembly.slot("rootfs");
        stream.add(new Close(slot));
        stream.add(new Openat(Operand.CWD, "/", FileStep.O_PATH)).into(slot);
        assertThatThrownBy(assembly::build).hasMessageContaining("rootfs");
    }

    @Test
    void shouldBelieveInSlotsThatAnotherStreamSets() {
        Slot listener = assembly.slot("listener");
        Slot pidfd = assembly.slot("pidfd");
        stream.add(new Fork(0, 1, Operand.NONE, pidfd));
        stream.add(new Listener(listener, pidfd));
        assembly.stream(1).add(new CredentialStep.Seccomp(8, Bytes.of(new byte[8]))).into(listener);
        assertThat(Program.read(assembly.build().bytes()).entries(Secrets.HIDDEN)).hasSize(3);
    }

    @Test
    void shouldRefuseSlotsOfOtherPrograms() {
        Slot foreign = new Assembly(Machine.X86_64).slot("foreign");
        assertThatThrownBy(() -> stream.add(new Close(foreign)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseHolesOfOtherPrograms() {
        var other = new Assembly(Machine.X86_64);
        Hole foreign = other.hole(4096);
        assertThatThrownBy(() -> stream.add(new Write(Operand.of(1), foreign)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldUndoWithOneStepOnly() {
        Slot slot = stream.add(new Openat(Operand.CWD, "/", 0)).into("a");
        Placed step = stream.add(new Close(slot)).undo(new Close(slot)).undo(new Close(slot));
        assertThatThrownBy(() -> step.undo(MountSetattr.idmap(slot, slot, false)))
                .isInstanceOf(IllegalArgumentException.class);
        Wire wire = new Wire(assembly.build().bytes());
        assertThat(wire.flags(1)).isZero();
        assertThat(wire.flags(2)).isEqualTo(Format.FLAG_UNDO);
        assertThat(wire.flags(3)).isEqualTo(Format.FLAG_UNDO);
    }

    @Test
    void shouldTolerateFourErrorsAtMost() {
        Placed step = stream.add(new Close(Operand.of(1))).tolerating(1, 2, 3).tolerating(4);
        assertThatThrownBy(() -> step.tolerating(5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseStreamsOutOfOrder() {
        assertThatThrownBy(() -> assembly.stream(2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseNulInsideTexts() {
        assertThatThrownBy(() -> new FileStep.Mkdirat(Operand.CWD, "a\0b", 0))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("\"a\\u0000b\": a NUL byte inside a path or name");
        assertThatThrownBy(() -> new Label("a\0", "")).isInstanceOf(Failure.Invalid.class);
        stream.add(new Write(Operand.of(1), "a\0b"));
        assertThat(assembly.build().listing()).contains("write(1, \"a\\x00b\", 3)");
    }

    @Test
    void shouldMakeHolesWithRoomForWhatIsWritten() {
        Hole hole = assembly.hole(Bytes.of("/proc/"), Hole.DIGITS);
        assertThat(hole.at() % 8).isZero();
        assertThat(hole.size()).isEqualTo(27);
        assertThat(hole.from(6)).isEqualTo(hole.part(6, 21));
        assertThatThrownBy(() -> hole.part(20, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Decimal(Operand.SELF, hole.part(7, 20), 0))
                .isInstanceOf(IllegalArgumentException.class);
        Hole next = assembly.hole(0);
        assertThat(next.at()).isGreaterThan(hole.at() + hole.size());
    }

    @Test
    void shouldCopyHolesWithWhatTheyHoldByNow() {
        Hole first = assembly.hole(Bytes.of("abc"), 0);
        stream.add(new Write(Operand.of(1), assembly.hole(first, 2)));
        assertThat(assembly.build().listing()).contains("\"abc\\x00\\x00\"");
    }

    @Test
    void shouldRefuseTooManySteps() {
        for (int i = 0; i < Format.MAX_STEPS; i++) {
            stream.add(new Close(Operand.of(i)));
        }
        assertThatThrownBy(() -> stream.add(new Close(Operand.of(0))))
                .isInstanceOf(Failure.Invalid.class);
        assembly.stream(1).add(new Close(Operand.of(0)));
        assertThatThrownBy(assembly::build).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void shouldRefuseTooManyBytes() {
        var bytes = Bytes.of(new byte[600_000]);
        stream.add(new Write(Operand.of(1), bytes));
        assertThatThrownBy(() -> stream.add(new Write(Operand.of(1), bytes)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("1048576");
    }
}
