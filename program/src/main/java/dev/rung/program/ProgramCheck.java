package dev.rung.program;

import dev.rung.domain.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The check of a program before it is believed: the same as the executor's own, rule for rule, with
 * words about what is wrong. After it every offset, slot, stream, skip and table lies inside the
 * program, and every text ends inside it.
 */
final class ProgramCheck {
    private final Wire wire;

    ProgramCheck(Wire wire) {
        this.wire = wire;
    }

    /** Corrupt, naming the field, when the executor would not run it on the machine it is for. */
    void check() {
        header();
        relocations();
        for (int stream = 0; stream < wire.streams(); stream++) {
            boolean forked = false;
            for (int step = wire.streamBegin(stream); step < wire.streamEnd(stream); step++) {
                step(stream, step);
                if (wire.op(step) == Format.OP_FORK) {
                    if (forked) {
                        throw wrong(step, "op", "fork", "one fork in a stream");
                    }
                    forked = true;
                }
            }
        }
    }

    private void header() {
        long length = wire.length();
        if (length < Format.HEADER_SIZE || length > Format.MAX_SIZE) {
            throw wrong(null, "size", length, Format.HEADER_SIZE + " to " + Format.MAX_SIZE);
        }
        equal("magic", wire.u32(Format.HEADER_MAGIC), Format.MAGIC);
        equal("version", wire.u16(Format.HEADER_VERSION), Format.VERSION);
        if (Machine.of(wire.machine()) == null) {
            throw wrong(null, "machine", wire.machine(), "62 or 183");
        }
        equal("size", wire.u32(Format.HEADER_LENGTH), length);
        long steps = atMost("steps", wire.u32(Format.HEADER_STEPS), Format.MAX_STEPS);
        equal("steps_at", wire.u32(Format.HEADER_STEPS_AT), Format.HEADER_SIZE);
        long dataAt = wire.u32(Format.HEADER_DATA_AT);
        equal("data_at", dataAt, Format.HEADER_SIZE + Format.STEP_SIZE * steps);
        atMost("data_at", dataAt, length);
        long dataSize = atMost("data_size", wire.u32(Format.HEADER_DATA_SIZE), length - dataAt);
        if (dataSize < 1) {
            throw wrong(null, "data_size", dataSize, "1 or more");
        }
        if (wire.data8(0) != 0 || wire.data8(dataSize - 1) != 0) {
            throw new Failure.Corrupt(
                    "program: data that neither begin nor end with a NUL byte", null);
        }
        long slots = atMost("slots", wire.u32(Format.HEADER_SLOTS), Format.MAX_SLOTS);
        long streams = atMost("streams", wire.u32(Format.HEADER_STREAMS), Format.MAX_STREAMS);
        if (streams < 1) {
            throw wrong(null, "streams", streams, "1 to 4");
        }
        long from = 0;
        for (int i = 0; i < Format.MAX_STREAMS; i++) {
            long at = wire.u32(Format.HEADER_STREAM_AT + 4 * i);
            long last = i == 0 || i >= streams ? 0 : steps;
            if (at > last || i < streams && at < from) {
                throw wrong(null, "first step of stream " + i, at, from + " to " + last);
            }
            from = at;
        }
        long relocsAt = wire.u32(Format.HEADER_RELOCS_AT);
        equal("relocs_at", relocsAt, dataAt + dataSize + 3 & ~3L);
        atMost("relocs_at", relocsAt, length);
        equal("size", length, relocsAt + 4 * wire.u32(Format.HEADER_RELOCS));
        atMost("init slot", wire.u32(Format.HEADER_INIT_SLOT), slots);
        for (int at = Format.HEADER_RESERVED; at < Format.HEADER_SIZE; at += 4) {
            equal("reserved", wire.u32(at), 0);
        }
    }

    private void relocations() {
        long before = -1;
        for (int i = 0; i < wire.relocs(); i++) {
            long at = wire.reloc(i);
            if (at % 8 != 0 || at <= before || !wire.hasData(at, 8)) {
                throw wrong(
                        null,
                        "relocation " + i,
                        at,
                        "a multiple of 8 above the one before, inside the data");
            }
            long value = wire.data64(at);
            if (value != Format.NULL && !inData(value)) {
                throw wrong(
                        null,
                        "pointer at " + at,
                        Long.toUnsignedString(value),
                        "below " + wire.dataSize());
            }
            before = at;
        }
    }

    private void step(int stream, int step) {
        int flags = wire.flags(step);
        if ((flags & ~Format.FLAG_KNOWN) != 0
                || (flags & Format.FLAG_EXACT) != 0 && wire.op(step) != Format.OP_CALL) {
            throw wrong(step, "flags", flags, "known ones");
        }
        int result = wire.result(step);
        if (result != Format.NO_SLOT && result >= wire.slots()) {
            throw wrong(step, "result slot", result, "below " + wire.slots());
        }
        int left = wire.streamEnd(stream) - step - 1;
        if (wire.skip(step) > left) {
            throw wrong(step, "skip", wire.skip(step), left + " at most");
        }
        if (wire.key(step) >= wire.dataSize() || wire.say(step) >= wire.dataSize()) {
            throw wrong(step, "label", wire.key(step), "below " + wire.dataSize());
        }
        if (wire.kinds(step) >> 24 != 0) {
            throw wrong(step, "kinds", wire.kinds(step), "24 bits");
        }
        for (int i = 0; i < Format.OPERANDS; i++) {
            int kind = wire.kind(step, i);
            long value = wire.operand(step, i);
            if (kind > Format.KIND_SLOT_ADDRESS) {
                throw wrong(step, "kind of operand " + i, kind, "0 to 3");
            }
            if (kind == Format.KIND_DATA && !inData(value)) {
                throw wrong(step, i, "an offset below " + wire.dataSize());
            }
            if (kind >= Format.KIND_SLOT && Long.compareUnsigned(value, wire.slots()) >= 0) {
                throw wrong(step, i, "a slot below " + wire.slots());
            }
        }
        operands(stream, step);
    }

    private void operands(int stream, int step) {
        switch (wire.op(step)) {
            case Format.OP_DECIMAL -> {
                literal(step, 2, 21);
                long width = wire.operand(step, 2);
                hole(step, 1, width == 0 ? Hole.DIGITS : width);
            }
            case Format.OP_POKE -> {
                width(step, 2);
                hole(step, 1, wire.operand(step, 2));
            }
            case Format.OP_LOAD -> {
                width(step, 1);
                hole(step, 0, wire.operand(step, 1));
            }
            case Format.OP_FORK -> {
                literal(step, 1, wire.streams());
                if (wire.operand(step, 1) <= stream) {
                    throw wrong(step, 1, "a later stream");
                }
                literal(step, 3, Format.NO_SLOT + 1L);
                if (wire.operand(step, 3) != Format.NO_SLOT) {
                    literal(step, 3, wire.slots());
                }
            }
            case Format.OP_POST, Format.OP_WAIT -> {
                literal(step, 0, wire.streams());
                peer(stream, step);
                literal(step, 1, Format.MAX_TAGS);
            }
            case Format.OP_HEED -> {
                literal(step, 1, 2);
                if (wire.operand(step, 1) == 1) {
                    literal(step, 0, wire.streams());
                    if (stream != 0 || wire.operand(step, 0) == 0) {
                        throw wrong(step, 0, "another stream, in stream 0");
                    }
                }
            }
            case Format.OP_ENSURE -> {
                data(step, 1);
                literal(step, 2, 2);
                literal(step, 3, 010000);
            }
            case Format.OP_SPAWN -> {
                data(step, 0);
                table(step, 1);
                if (wire.kind(step, 2) == Format.KIND_DATA) {
                    table(step, 2);
                } else {
                    literal(step, 2, 1);
                }
                data(step, 3);
                literal(step, 4, wire.dataSize());
                if (!wire.hasData(wire.operand(step, 3), wire.operand(step, 4))) {
                    throw wrong(step, 4, "bytes inside the data");
                }
                literal(step, 5, 0xffffffffL);
            }
            case Format.OP_EXEC -> {
                table(step, 0);
                table(step, 1);
                table(step, 2);
                literal(step, 3, 2);
            }
            case Format.OP_EXPECT -> {
                if (wire.kind(step, 0) == Format.KIND_DATA) {
                    width(step, 1);
                    if (!wire.hasData(wire.operand(step, 0), wire.operand(step, 1))) {
                        throw wrong(step, 0, "a number inside the data");
                    }
                }
                literal(step, 4, 4096);
                if (wire.operand(step, 4) == 0) {
                    throw wrong(step, 4, "an error");
                }
                literal(step, 5, 2);
            }
            case Format.OP_LISTENER, Format.OP_PAUSE -> literal(step, 0, wire.slots());
            case Format.OP_CALL,
                    Format.OP_COPY,
                    Format.OP_OUTPUT,
                    Format.OP_STARTTIME,
                    Format.OP_PHASE,
                    Format.OP_ADOPT,
                    Format.OP_SIGNALS,
                    Format.OP_SHED -> {}
            default -> throw wrong(step, "op", wire.op(step), "below " + Format.OP_COUNT);
        }
    }

    private void literal(int step, int i, long below) {
        if (wire.kind(step, i) != Format.KIND_LITERAL
                || Long.compareUnsigned(wire.operand(step, i), below) >= 0) {
            throw wrong(step, i, "a literal below " + below);
        }
    }

    private void data(int step, int i) {
        if (wire.kind(step, i) != Format.KIND_DATA) {
            throw wrong(step, i, "an offset of data");
        }
    }

    private void width(int step, int i) {
        literal(step, i, 9);
        if (Long.bitCount(wire.operand(step, i)) != 1) {
            throw wrong(step, i, "1, 2, 4 or 8");
        }
    }

    private void hole(int step, int i, long size) {
        literal(step, i, wire.dataSize());
        if (size >= wire.dataSize() - wire.operand(step, i)) {
            throw wrong(step, i, "a hole of " + size + " bytes before the closing NUL");
        }
    }

    private void peer(int stream, int step) {
        long peer = wire.operand(step, 0);
        if (peer == stream || stream != 0 && peer != 0) {
            throw wrong(step, 0, "another stream, and one of the two 0");
        }
    }

    private void table(int step, int i) {
        data(step, i);
        for (long at = wire.operand(step, i); wire.isPointer(at); at += 8) {
            if (wire.data64(at) == Format.NULL) {
                return;
            }
        }
        throw wrong(step, i, "a table of pointers that ends with NULL");
    }

    private boolean inData(long offset) {
        return Long.compareUnsigned(offset, wire.dataSize()) < 0;
    }

    private static void equal(String field, long got, long want) {
        if (got != want) {
            throw wrong(null, field, got, Long.toString(want));
        }
    }

    private static long atMost(String field, long got, long most) {
        if (got > most) {
            throw wrong(null, field, got, most + " at most");
        }
        return got;
    }

    private Failure wrong(int step, int operand, String want) {
        return wrong(
                step,
                "operand " + operand,
                Long.toUnsignedString(wire.operand(step, operand)),
                want);
    }

    private static Failure wrong(@Nullable Integer step, String field, Object got, String want) {
        return new Failure.Corrupt(
                "program: "
                        + (step == null ? "" : "step " + step + ": ")
                        + field
                        + " is "
                        + got
                        + ", want "
                        + want,
                null);
    }
}
