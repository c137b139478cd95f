package dev.rung.host.criu;

import dev.rung.domain.RawText;
import java.io.ByteArrayOutputStream;

/** Fields of one message, by their numbers. */
final class MessageWriter {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    MessageWriter number(int field, long value) {
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    /** Left out when it is false, which is what a missing one means. */
    MessageWriter flag(int field, boolean value) {
        return value ? number(field, 1) : this;
    }

    MessageWriter text(int field, String value) {
        return delimited(field, RawText.encode(value));
    }

    /** Left out when it is empty. */
    MessageWriter optional(int field, String value) {
        return value.isEmpty() ? this : text(field, value);
    }

    MessageWriter message(int field, MessageWriter value) {
        return delimited(field, value.bytes());
    }

    private MessageWriter delimited(int field, byte[] value) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
