package dev.rung.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The bytes of a program by the names of their fields. Only the header may be read before the
 * check.
 */
final class Wire {
    private final ByteBuffer bytes;

    Wire(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return bytes.capacity();
    }

    int u16(int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }

    long u32(int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    int machine() {
        return u16(Format.HEADER_MACHINE);
    }

    int steps() {
        return bytes.getInt(Format.HEADER_STEPS);
    }

    int dataAt() {
        return bytes.getInt(Format.HEADER_DATA_AT);
    }

    int dataSize() {
        return bytes.getInt(Format.HEADER_DATA_SIZE);
    }

    int slots() {
        return bytes.getInt(Format.HEADER_SLOTS);
    }

    int streams() {
        return bytes.getInt(Format.HEADER_STREAMS);
    }

    int relocs() {
        return bytes.getInt(Format.HEADER_RELOCS);
    }

    int initSlot() {
        return bytes.getInt(Format.HEADER_INIT_SLOT) - 1;
    }

    int streamBegin(int stream) {
        return bytes.getInt(Format.HEADER_STREAM_AT + 4 * stream);
    }

    int streamEnd(int stream) {
        return stream + 1 < streams() ? streamBegin(stream + 1) : steps();
    }

    int op(int step) {
        return Byte.toUnsignedInt(bytes.get(base(step) + Format.STEP_OP));
    }

    int flags(int step) {
        return Byte.toUnsignedInt(bytes.get(base(step) + Format.STEP_FLAGS));
    }

    int nr(int step) {
        return u16(base(step) + Format.STEP_NR);
    }

    int result(int step) {
        return u16(base(step) + Format.STEP_RESULT);
    }

    int skip(int step) {
        return u16(base(step) + Format.STEP_SKIP);
    }

    int tolerated(int step, int i) {
        return Byte.toUnsignedInt(bytes.get(base(step) + Format.STEP_TOLERATE + i));
    }

    long kinds(int step) {
        return u32(base(step) + Format.STEP_KINDS);
    }

    int kind(int step, int i) {
        return (int) (kinds(step) >> (4 * i)) & 15;
    }

    long operand(int step, int i) {
        return bytes.getLong(base(step) + Format.STEP_OPERAND + 8 * i);
    }

    long key(int step) {
        return u32(base(step) + Format.STEP_KEY);
    }

    long say(int step) {
        return u32(base(step) + Format.STEP_SAY);
    }

    long reloc(int i) {
        return u32((int) u32(Format.HEADER_RELOCS_AT) + 4 * i);
    }

    /** Whether a pointer stands there; relocations are sorted, which the check sees to first. */
    boolean isPointer(long at) {
        int low = 0;
        int high = relocs() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long offset = reloc(middle);
            if (offset == at) {
                return true;
            }
            if (offset < at) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    /** Whether so many bytes lie inside the data. */
    boolean hasData(long at, long size) {
        return at >= 0 && size >= 0 && at <= dataSize() && size <= dataSize() - at;
    }

    int data8(long at) {
        return Byte.toUnsignedInt(bytes.get(dataAt() + (int) at));
    }

    int data16(long at) {
        return u16(dataAt() + (int) at);
    }

    long data32(long at) {
        return u32(dataAt() + (int) at);
    }

    long data64(long at) {
        return bytes.getLong(dataAt() + (int) at);
    }

    /** The bytes of a text up to its NUL. */
    byte[] text(long at) {
        int end = (int) at;
        while (data8(end) != 0) {
            end++;
        }
        return data(at, end - (int) at);
    }

    byte[] data(long at, int size) {
        int from = dataAt() + (int) at;
        return Arrays.copyOfRange(bytes.array(), from, from + size);
    }

    private static int base(int step) {
        return Format.HEADER_SIZE + Format.STEP_SIZE * step;
    }
}
