package dev.rung.host.criu;

import dev.rung.domain.Failure;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads a message of protobuf, a field after the other. */
final class MessageReader {
    private static final int NUMBER = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int PART = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteBuffer bytes;
    private final Supplier<Failure> nonsense;
    private long seen; // numbers of fields below 64
    private int field;
    private int kind;
    private long number;
    private ByteBuffer part = ByteBuffer.allocate(0);

    /**
     * Over bytes.
     *
     * @param nonsense what is thrown when they are no message
     */
    MessageReader(ByteBuffer bytes, Supplier<Failure> nonsense) {
        this.bytes = bytes;
        this.nonsense = nonsense;
    }

    /** Goes on to the next field; false after the last. */
    boolean next() {
        if (!bytes.hasRemaining()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        kind = (int) (tag & 7);
        switch (kind) {
            case NUMBER -> number = varint();
            case PART -> part = take(varint());
            case EIGHT_BYTES -> part = take(8);
            case FOUR_BYTES -> part = take(4);
            default -> throw nonsense.get();
        }
        return true;
    }

    /** Its number in the message. */
    int field() {
        return field;
    }

    boolean isNumber() {
        return kind == NUMBER;
    }

    /** Of a field that is one. */
    long number() {
        if (kind != NUMBER) {
            throw nonsense.get();
        }
        return number;
    }

    /** Of a field that is a message, a text or bytes. */
    ByteBuffer part() {
        if (kind != PART) {
            throw nonsense.get();
        }
        return part;
    }

    /** This; it is nonsense when the same field was there before. */
    MessageReader once() {
        if (field >= Long.SIZE || (seen & 1L << field) != 0) {
            throw nonsense.get();
        }
        seen |= 1L << field;
        return this;
    }

    /** Of a field of 32 bits without a sign, of which others are no part. */
    long number32() {
        return number() & 0xffff_ffffL;
    }

    /** Of one that may be there several times, or have several in one. */
    List<Long> numbers32() {
        if (isNumber()) {
            return List.of(number32());
        }
        var numbers = new ArrayList<Long>();
        var packed = new MessageReader(part(), nonsense);
        while (packed.bytes.hasRemaining()) {
            numbers.add(packed.varint() & 0xffff_ffffL);
        }
        return numbers;
    }

    String text() {
        var text = new byte[part().remaining()];
        part.get(text);
        return RawText.decode(text);
    }

    /** Of a field that is a message. */
    MessageReader message() {
        return new MessageReader(part(), nonsense);
    }

    private ByteBuffer take(long length) {
        if (length < 0 || length > bytes.remaining()) {
            throw nonsense.get();
        }
        ByteBuffer taken = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return taken;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64 && bytes.hasRemaining(); shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw nonsense.get();
    }
}
