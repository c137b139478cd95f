package dev.rung.rpc.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A frame (section 5.2).
 *
 * <pre>
 *  FIN 1 bit, RSV 3 bits, opcode 4 bits | MASK 1 bit, length 7 bits | 0, 2 or 8 bytes of length
 *  | 4 bytes of mask | payload
 * </pre>
 */
record Frame(boolean last, int opcode, byte[] payload) {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int LONGEST_CONTROL = 125;
    private static final int MASK_BYTES = 4;

    /** Where bytes come from; waits. */
    interface Source {
        /** -1 at the end. */
        int read(ByteBuffer into) throws IOException;
    }

    boolean isControl() {
        return opcode >= CLOSE;
    }

    /** Waits for a frame of a client. EOFException when there is none. */
    static Frame read(Source source, int longest) throws IOException {
        ByteBuffer head = fill(source, 2);
        int first = head.get() & 0xff;
        int second = head.get() & 0xff;
        int opcode = first & 0xf;
        boolean last = (first & FIN) != 0;
        if ((first & RESERVED) != 0 || opcode > PONG || opcode > BINARY && opcode < CLOSE) {
            throw violation("reserved bits or opcode");
        } else if ((second & MASKED) == 0) {
            throw violation("a frame that is not masked");
        }
        long length = length(source, second & ~MASKED);
        if (opcode >= CLOSE && (!last || length > LONGEST_CONTROL)) {
            throw violation("a control frame in parts, or longer than 125 bytes");
        } else if (length < 0 || length > longest) {
            throw new ProtocolViolation(ProtocolViolation.TOO_BIG, "a frame that is too long");
        }
        byte[] mask = fill(source, MASK_BYTES).array();
        byte[] payload = fill(source, (int) length).array();
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % MASK_BYTES];
        }
        return new Frame(last, opcode, payload);
    }

    private static long length(Source source, int small) throws IOException {
        return switch (small) {
            case LENGTH_16 -> fill(source, 2).getShort() & 0xffffL;
            case LENGTH_64 -> fill(source, 8).getLong();
            default -> small;
        };
    }

    private static ByteBuffer fill(Source source, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (source.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    private static ProtocolViolation violation(String what) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, what);
    }

    /** What comes before a payload of ours, which is not masked. */
    static ByteBuffer head(int opcode, int length) {
        ByteBuffer head = ByteBuffer.allocate(10).put((byte) (FIN | opcode));
        if (length < LENGTH_16) {
            head.put((byte) length);
        } else if (length <= 0xffff) {
            head.put((byte) LENGTH_16).putShort((short) length);
        } else {
            head.put((byte) LENGTH_64).putLong(length);
        }
        return head.flip();
    }
}
