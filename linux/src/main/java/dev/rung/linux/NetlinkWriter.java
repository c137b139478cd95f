package dev.rung.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Netlink messages being written one after another (netlink(7)): each a header, a fixed structure
 * and attributes, which may hold attributes. Everything starts at a multiple of four bytes; numbers
 * are in the machine's order, but those of netfilter, which {@link #bigInt} writes.
 */
public final class NetlinkWriter {
    static final int HEADER_BYTES = 16;
    private static final int NESTED = 0x8000;
    private static final int DEEPEST = 16;
    private static final int ACKNOWLEDGE = 0x4;
    private static final int DUMP = 0x300;

    private byte[] bytes = new byte[1024];
    private ByteBuffer numbers = wrap(bytes);
    private int size;
    private int message = -1; // where the open message starts
    private final int[] nests = new int[DEEPEST];
    private int depth;
    private int sequence;
    private int awaited;

    public NetlinkWriter() {}

    /**
     * Starts a message, ending the one before; each has the sequence number after the last one's.
     */
    public NetlinkWriter message(int type, int flags) {
        end();
        message = size;
        room(HEADER_BYTES);
        sequence++;
        if ((flags & (ACKNOWLEDGE | DUMP)) != 0) {
            awaited = sequence;
        }
        numbers.putShort(message + 4, (short) type);
        numbers.putShort(message + 6, (short) flags);
        numbers.putInt(message + 8, sequence);
        return this;
    }

    /** One byte of the fixed structure. */
    public NetlinkWriter fixedByte(int value) {
        int at = room(1);
        bytes[at] = (byte) value;
        return this;
    }

    /** Two bytes of the fixed structure. */
    public NetlinkWriter fixedShort(int value) {
        int at = room(2);
        numbers.putShort(at, (short) value);
        return this;
    }

    /** Four bytes of the fixed structure. */
    public NetlinkWriter fixedInt(int value) {
        int at = room(4);
        numbers.putInt(at, value);
        return this;
    }

    public NetlinkWriter attribute(int type, byte[] value) {
        int at = attribute(type, value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        return this;
    }

    /** Text that the kernel wants closed by a NUL. */
    public NetlinkWriter text(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(text, text.length + 1));
    }

    public NetlinkWriter oneByte(int type, int value) {
        int at = attribute(type, 1);
        bytes[at] = (byte) value;
        return this;
    }

    public NetlinkWriter integer(int type, int value) {
        int at = attribute(type, 4);
        numbers.putInt(at, value);
        return this;
    }

    /** A number of four bytes, the highest first, as netfilter has them. */
    public NetlinkWriter bigInt(int type, int value) {
        int at = attribute(type, 4);
        numbers.putInt(
                at,
                ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                        ? value
                        : Integer.reverseBytes(value));
        return this;
    }

    /** Starts an attribute that holds what is written until {@link #close}. */
    public NetlinkWriter open(int type) {
        nests[depth++] = attribute(type | NESTED, 0) - 4;
        return this;
    }

    public NetlinkWriter close() {
        int start = nests[--depth];
        numbers.putShort(start, (short) (size - start));
        return this;
    }

    /** The sequence number of the last message that is answered even when all goes well. */
    int lastSequence() {
        return awaited;
    }

    /** How many bytes all messages take. */
    int length() {
        end();
        return size;
    }

    /** The messages, {@link #length} bytes of what is returned. */
    byte[] content() {
        return bytes;
    }

    private void end() {
        if (message >= 0) {
            numbers.putInt(message, size - message);
            message = -1;
        }
    }

    private int attribute(int type, int length) {
        int at = room(4 + length);
        numbers.putShort(at, (short) (4 + length));
        numbers.putShort(at + 2, (short) type);
        room(-size & 3);
        return at + 4;
    }

    /** Makes room for so many zero bytes; returns where they start. */
    private int room(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
            numbers = wrap(bytes);
        }
        int at = size;
        size += count;
        return at;
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
