package dev.rung.nri.wire;

import java.nio.ByteBuffer;

/**
 * A message of ttrpc:
 *
 * <pre>
 * u32 length of what follows the head | u32 stream | u8 type | u8 flags | bytes
 * </pre>
 *
 * all big-endian. Whoever calls numbers streams, oddly, one for each call.
 *
 * @param flags of streams of messages, which nobody uses here
 */
record Message(int stream, int type, int flags, byte[] body) {
    static final int HEAD = 10;
    static final int LONGEST_BODY = 4 << 20;
    static final int REQUEST = 1;
    static final int RESPONSE = 2;

    /** What stands before the body. */
    byte[] head() {
        return ByteBuffer.allocate(HEAD)
                .putInt(body.length)
                .putInt(stream)
                .put((byte) type)
                .put((byte) flags)
                .array();
    }
}
