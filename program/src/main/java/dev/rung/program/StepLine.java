package dev.rung.program;

import dev.rung.domain.Errno;
import java.util.HashMap;
import java.util.Map;

/**
 * Prints steps as strace would, from the bytes alone: what is shown is what will be run. Operations
 * that are no system call are printed in the same way, by their own names.
 */
final class StepLine {
    private final Program program;
    private final Wire wire;
    private final Machine machine;
    private final Operands operands;

    StepLine(Program program, Wire wire, Secrets secrets) {
        this.program = program;
        this.wire = wire;
        Machine known = Machine.of(wire.machine());
        this.machine = known == null ? Machine.X86_64 : known;
        this.operands = new Operands(program, wire, machine, secrets, holes());
    }

    /** What is written where by the steps of the program, so that texts can name it. */
    private Map<Long, Operands.Written> holes() {
        var holes = new HashMap<Long, Operands.Written>();
        for (int step = 0; step < wire.steps(); step++) {
            int op = wire.op(step);
            if (op == Format.OP_DECIMAL || op == Format.OP_POKE) {
                String name =
                        wire.kind(step, 0) == Format.KIND_SLOT
                                ? program.slotName((int) wire.operand(step, 0))
                                : Long.toString(wire.operand(step, 0));
                int width = (int) wire.operand(step, 2);
                holes.putIfAbsent(wire.operand(step, 1), new Operands.Written(name, width));
            }
        }
        return holes;
    }

    String of(int step) {
        var to = new StringBuilder(120);
        if ((wire.flags(step) & Format.FLAG_UNDO) != 0) {
            to.append("undo: ");
        }
        operands.begin(step, to);
        if (wire.op(step) == Format.OP_CALL) {
            Call call = machine.call(wire.nr(step));
            if (call == null) {
                unknownCall(step, to);
            } else {
                to.append(call.label()).append('(');
                new CallLine(operands, to).print(call);
                to.append(')');
            }
        } else {
            op(step, to);
        }
        if (wire.result(step) != Format.NO_SLOT) {
            to.append(" = ").append(program.slotName(wire.result(step)));
        }
        modifiers(step, to);
        return to.toString();
    }

    private void unknownCall(int step, StringBuilder to) {
        to.append("syscall_").append(wire.nr(step)).append('(');
        int last = Format.OPERANDS;
        while (last > 0 && wire.operand(step, last - 1) == 0 && wire.kind(step, last - 1) == 0) {
            last--;
        }
        for (int i = 0; i < last; i++) {
            operands.any();
        }
        to.append(')');
    }

    private void op(int step, StringBuilder to) {
        switch (wire.op(step)) {
            case Format.OP_DECIMAL -> {
                to.append("decimal(");
                operands.value().place().number();
            }
            case Format.OP_POKE -> {
                to.append("poke(");
                operands.value().place().number();
            }
            case Format.OP_LOAD -> {
                to.append("load(");
                operands.place().number();
            }
            case Format.OP_FORK -> fork(step, to);
            case Format.OP_POST -> {
                to.append("post(stream ");
                operands.number().tag();
            }
            case Format.OP_WAIT -> {
                to.append("wait(stream ");
                operands.number().tag();
            }
            case Format.OP_STARTTIME -> {
                to.append("starttime(");
                operands.value();
                if (wire.operand(step, 1) != 0) {
                    operands.value();
                }
            }
            case Format.OP_ENSURE -> {
                to.append("ensure(");
                operands.fd().text().choice("directory", "file").octal();
            }
            case Format.OP_COPY -> {
                to.append("copy(");
                operands.fd().fd();
            }
            case Format.OP_OUTPUT -> {
                to.append("output(");
                operands.fd().fd();
            }
            case Format.OP_SPAWN -> {
                to.append("spawn(");
                operands.text().texts().environment().input(4);
                operands.skip().milliseconds();
            }
            case Format.OP_EXEC -> exec(step, to);
            case Format.OP_PHASE -> {
                to.append("phase(");
                operands.number();
                for (int i = 1; i < 5 && !isNone(step, i); i++) {
                    operands.fd();
                }
            }
            case Format.OP_EXPECT -> expect(step, to);
            case Format.OP_ADOPT -> {
                to.append("adopt(");
                operands.fd();
            }
            case Format.OP_HEED -> {
                to.append("heed(");
                if (wire.operand(step, 1) == 1) {
                    to.append("stream ");
                }
                operands.fd();
            }
            case Format.OP_LISTENER -> {
                to.append("listener(");
                operands.slot().fd();
            }
            case Format.OP_SIGNALS -> to.append("signals(");
            case Format.OP_SHED -> to.append("shed(");
            case Format.OP_PAUSE -> {
                to.append("pause(");
                operands.slot().value();
            }
            default -> to.append("op_").append(wire.op(step)).append('(');
        }
        to.append(')');
    }

    private void fork(int step, StringBuilder to) {
        to.append("fork(");
        operands.skipTo(1);
        to.append("stream ");
        operands.number();
        operands.skipTo(0);
        operands.flags(Names.CLONE);
        if (!isNone(step, 2)) {
            operands.skipTo(2);
            operands.named("cgroup").fd();
        }
        if (wire.operand(step, 3) != Format.NO_SLOT) {
            operands.skipTo(3);
            operands.named("pidfd").slot();
        }
    }

    private void exec(int step, StringBuilder to) {
        if (wire.operand(step, 3) == 0) {
            to.append("probe(");
            operands.texts();
            operands.skipTo(5);
            operands.choice("", "search");
            return;
        }
        to.append("execve(");
        operands.texts();
        to.append('[');
        operands.skipTo(4);
        operands.bare().value();
        to.append(']');
        operands.skipTo(1);
        operands.texts().environment();
    }

    private void expect(int step, StringBuilder to) {
        to.append("expect(");
        if (wire.kind(step, 0) == Format.KIND_DATA) {
            to.append('u').append(8 * wire.operand(step, 1)).append(' ');
            operands.address();
        } else {
            operands.value();
        }
        long mask = wire.operand(step, 2);
        long expected = wire.operand(step, 3);
        if (mask != -1) {
            to.append(" & 0x").append(Long.toHexString(mask));
        }
        to.append(wire.operand(step, 5) == 1 ? " != " : " == ");
        operands.skipTo(3);
        if (wire.kind(step, 3) == Format.KIND_LITERAL && (expected > 9 || expected < 0)) {
            to.append("0x").append(Long.toHexString(expected));
        } else {
            operands.bare().value();
        }
        to.append(", else ").append(Errno.name((int) wire.operand(step, 4)));
    }

    private boolean isNone(int step, int i) {
        return wire.kind(step, i) == Format.KIND_LITERAL && wire.operand(step, i) == -1;
    }

    private void modifiers(int step, StringBuilder to) {
        int flags = wire.flags(step);
        boolean all = (flags & Format.FLAG_TOLERATE_ALL) != 0;
        var errors = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            int errno = wire.tolerated(step, i);
            if (errno != 0) {
                errors.append(errors.isEmpty() ? "" : " ").append(Errno.name(errno));
            }
        }
        if (all || !errors.isEmpty()) {
            to.append("  [").append(all ? "any error" : errors).append(": ");
            if (wire.skip(step) == 0) {
                to.append("go on");
            } else {
                to.append("skip ").append(wire.skip(step));
            }
            to.append((flags & Format.FLAG_WARN) != 0 ? ", warn]" : "]");
        }
        if ((flags & Format.FLAG_PATIENT) != 0) {
            to.append("  [EBUSY: try again]");
        }
    }
}
