package dev.rung.nri.wire;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the one stream of bytes: a piece of one connection.
 *
 * <pre>
 * u32 connection, from 1 | u32 length of what follows | bytes
 * </pre>
 *
 * all big-endian.
 */
record Piece(int connection, byte[] bytes) {
    private static final int HEAD = 8;
    private static final int LONGEST = Message.HEAD + Message.LONGEST_BODY;

    /** The next one; null at the end. */
    static @Nullable Piece read(DataInputStream from) throws IOException {
        int connection;
        try {
            connection = from.readInt();
        } catch (EOFException _) {
            return null;
        }
        int length = from.readInt();
        if (length < 0 || length > LONGEST) {
            throw new ProtocolViolation(
                    "a piece of "
                            + Integer.toUnsignedLong(length)
                            + " bytes, want at most "
                            + LONGEST);
        }
        return new Piece(connection, bytes(from, length));
    }

    /** Takes memory as they come. */
    private static byte[] bytes(InputStream from, int length) throws IOException {
        byte[] bytes = from.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the stream ends within a piece");
        }
        return bytes;
    }

    /** All of it. */
    ByteBuffer encoded() {
        return ByteBuffer.allocate(HEAD + bytes.length)
                .putInt(connection)
                .putInt(bytes.length)
                .put(bytes)
                .flip();
    }
}
