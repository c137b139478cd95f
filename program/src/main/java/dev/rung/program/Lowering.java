package dev.rung.program;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The wire form of one stream, written step by step. A step begins with {@link #call} or {@link
 * #op}, then names its operands from the first to the last; operands left out are zero.
 */
public final class Lowering {
    private final DataArea data;
    private final Machine machine;
    private final SlotUse use;
    private final int stream;
    private ByteBuffer steps =
            ByteBuffer.allocate(64 * Format.STEP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private int count;
    private int operand;

    Lowering(DataArea data, Machine machine, SlotUse use, int stream) {
        this.data = data;
        this.machine = machine;
        this.use = use;
        this.stream = stream;
    }

    Lowering call(Call call) {
        begin();
        steps.putShort(base() + Format.STEP_NR, (short) machine.number(call));
        return this;
    }

    Lowering op(int op) {
        begin();
        steps.put(base(), (byte) op);
        return this;
    }

    Lowering number(long value) {
        return put(Format.KIND_LITERAL, value);
    }

    Lowering operand(Operand value) {
        if (value instanceof Operand.Literal literal) {
            return put(Format.KIND_LITERAL, literal.value());
        }
        Slot slot = (Slot) value;
        use.reads(slot, stream, count - 1);
        return put(Format.KIND_SLOT, slot.index());
    }

    Lowering text(Text text) {
        if (text instanceof Hole hole) {
            check(hole);
        }
        return put(Format.KIND_DATA, data.text(text));
    }

    Lowering bytes(Bytes bytes) {
        if (bytes instanceof Hole hole) {
            check(hole);
        }
        return put(Format.KIND_DATA, data.bytes(bytes));
    }

    Lowering table(List<Text> texts) {
        return put(Format.KIND_DATA, data.table(texts));
    }

    /** The address of these data. */
    Lowering address(int at) {
        return put(Format.KIND_DATA, at);
    }

    /** The place of a hole as a plain number, as the executor's own ops want it. */
    Lowering offset(Hole hole) {
        check(hole);
        return put(Format.KIND_LITERAL, hole.at());
    }

    /** The index of a slot that this step or somebody meanwhile sets. */
    Lowering index(Slot slot) {
        use.reads(slot, stream, count - 1);
        return put(Format.KIND_LITERAL, slot.index());
    }

    Lowering openFlags(long flags) {
        return number(machine.openFlags(flags));
    }

    void flag(int flag) {
        int at = base() + Format.STEP_FLAGS;
        steps.put(at, (byte) (steps.get(at) | flag));
    }

    /**
     * Makes data at this place hold the value when the next step runs: now if it is known, else by
     * a step of its own.
     */
    void poke(Operand value, int at, int width) {
        if (!(value instanceof Operand.Literal literal)) {
            op(Format.OP_POKE).operand(value).number(at).number(width);
        } else if (width == 4) {
            data.put32(at, (int) literal.value());
        } else {
            data.put64(at, literal.value());
        }
    }

    DataArea data() {
        return data;
    }

    Machine machine() {
        return machine;
    }

    SlotUse use() {
        return use;
    }

    int stream() {
        return stream;
    }

    // What StepStream and Placed do to steps already there.

    int count() {
        return count;
    }

    void label(int first, Label label) {
        int key = data.chars(label.key());
        int say = data.chars(label.say());
        for (int i = first; i < count; i++) {
            steps.putInt(i * Format.STEP_SIZE + Format.STEP_KEY, key);
            steps.putInt(i * Format.STEP_SIZE + Format.STEP_SAY, say);
        }
    }

    void flag(int step, int flag) {
        int at = step * Format.STEP_SIZE + Format.STEP_FLAGS;
        steps.put(at, (byte) (steps.get(at) | flag));
    }

    void result(int step, Slot slot) {
        use.sets(slot, stream);
        steps.putShort(step * Format.STEP_SIZE + Format.STEP_RESULT, (short) slot.index());
    }

    void tolerate(int step, int errno) {
        int at = step * Format.STEP_SIZE + Format.STEP_TOLERATE;
        for (int i = 0; i < 4; i++) {
            if (steps.get(at + i) == 0) {
                steps.put(at + i, (byte) errno);
                return;
            }
        }
        throw new IllegalArgumentException("a step tolerates four errors at most");
    }

    void skip(int step, int skipped) {
        steps.putShort(step * Format.STEP_SIZE + Format.STEP_SKIP, (short) skipped);
    }

    void write(ByteBuffer to, int at) {
        to.put(at, steps, 0, count * Format.STEP_SIZE);
    }

    private void begin() {
        if (count == Format.MAX_STEPS) {
            throw new Failure.Invalid(
                    "program of more than "
                            + Format.MAX_STEPS
                            + " steps: the container asks for too much");
        }
        int at = count * Format.STEP_SIZE;
        if (at == steps.capacity()) {
            steps =
                    ByteBuffer.wrap(Arrays.copyOf(steps.array(), 2 * at))
                            .order(ByteOrder.LITTLE_ENDIAN);
        }
        count++;
        operand = 0;
        steps.putShort(at + Format.STEP_RESULT, (short) Format.NO_SLOT);
    }

    private int base() {
        return (count - 1) * Format.STEP_SIZE;
    }

    private Lowering put(int kind, long value) {
        int at = base();
        steps.putLong(at + Format.STEP_OPERAND + 8 * operand, value);
        if (kind != 0) {
            steps.putInt(
                    at + Format.STEP_KINDS,
                    steps.getInt(at + Format.STEP_KINDS) | kind << (4 * operand));
        }
        operand++;
        return this;
    }

    private void check(Hole hole) {
        if (!data.holds(hole)) {
            throw new IllegalArgumentException(hole + " is not of this program");
        }
    }
}
