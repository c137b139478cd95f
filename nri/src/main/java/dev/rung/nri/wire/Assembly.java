package dev.rung.nri.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the messages of one connection together of the pieces that they come in. Memory grows with
 * what has come, not with what is announced.
 */
final class Assembly {
    private byte[] buffer = new byte[0];
    private int size;

    /** The messages that this piece completes. */
    List<Message> add(byte[] piece) throws ProtocolViolation {
        if (buffer.length - size < piece.length) {
            buffer = Arrays.copyOf(buffer, Math.max(size + piece.length, size * 2));
        }
        System.arraycopy(piece, 0, buffer, size, piece.length);
        size += piece.length;
        var messages = new ArrayList<Message>();
        int at = 0;
        while (size - at >= Message.HEAD) {
            ByteBuffer head = ByteBuffer.wrap(buffer, at, Message.HEAD);
            int length = head.getInt();
            if (length < 0 || length > Message.LONGEST_BODY) {
                throw new ProtocolViolation(
                        "a message of "
                                + Integer.toUnsignedLong(length)
                                + " bytes, want at most "
                                + Message.LONGEST_BODY);
            }
            if (size - at - Message.HEAD < length) {
                break;
            }
            int stream = head.getInt();
            int type = Byte.toUnsignedInt(head.get());
            int flags = Byte.toUnsignedInt(head.get());
            int body = at + Message.HEAD;
            at = body + length;
            messages.add(new Message(stream, type, flags, Arrays.copyOfRange(buffer, body, at)));
        }
        if (at > 0) {
            buffer = Arrays.copyOfRange(buffer, at, size);
            size -= at;
        }
        return messages;
    }
}
