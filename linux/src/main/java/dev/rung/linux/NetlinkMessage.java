package dev.rung.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message that the kernel sent, or an attribute that holds attributes: a fixed structure, then
 * attributes. Numbers are in the machine's order.
 */
public final class NetlinkMessage {
    private static final int TYPE_MASK = 0x3fff;

    private final int type;
    private final byte[] body;
    private final ByteBuffer numbers;
    private final int attributes;

    /** The attributes start after so many bytes of the body. */
    private NetlinkMessage(int type, byte[] body, int attributes) {
        this.type = type;
        this.body = body;
        this.numbers = ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
        this.attributes = attributes;
    }

    static NetlinkMessage of(int type, byte[] body, int fixed) {
        return new NetlinkMessage(type, body, fixed);
    }

    public int type() {
        return type;
    }

    public int fixedByte(int offset) {
        return body[offset] & 0xff;
    }

    public int fixedInt(int offset) {
        return numbers.getInt(offset);
    }

    /** The value of the first attribute of that type, or null. */
    public byte @Nullable [] get(int wanted) {
        for (int at = attributes; at + 4 <= body.length; ) {
            int length = numbers.getShort(at) & 0xffff;
            if (length < 4 || at + length > body.length) {
                return null;
            }
            if ((numbers.getShort(at + 2) & TYPE_MASK) == wanted) {
                return Arrays.copyOfRange(body, at + 4, at + length);
            }
            at += length + 3 & ~3;
        }
        return null;
    }

    /** The attributes inside the first attribute of that type, or null. */
    public @Nullable NetlinkMessage nested(int wanted) {
        byte[] value = get(wanted);
        return value == null ? null : new NetlinkMessage(wanted, value, 0);
    }

    /** The text in an attribute, without its NUL, or null. */
    public @Nullable String text(int wanted) {
        byte[] value = get(wanted);
        if (value == null) {
            return null;
        }
        int end = 0;
        while (end < value.length && value[end] != 0) {
            end++;
        }
        return new String(value, 0, end, StandardCharsets.UTF_8);
    }

    /** The number in an attribute of four bytes, or the given one. */
    public int integerOr(int wanted, int absent) {
        byte[] value = get(wanted);
        return value == null || value.length < 4
                ? absent
                : ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
    }

    /** The number in an attribute of four bytes, the highest first, or the given one. */
    public int bigIntOr(int wanted, int absent) {
        byte[] value = get(wanted);
        return value == null || value.length < 4 ? absent : ByteBuffer.wrap(value).getInt();
    }
}
