package dev.rung.resident;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The payload of a frame being read; whatever is missing or left over ends the conversation. */
final class FrameReader {
    private static final int SMALLEST_ITEM = 4; // each item of a list starts with an u32

    private final ByteBuffer bytes;

    /** From position to limit, in the order of the buffer, which must be little-endian. */
    FrameReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    int u32() {
        need(Integer.BYTES);
        return bytes.getInt();
    }

    long u64() {
        need(Long.BYTES);
        return bytes.getLong();
    }

    /** The count of a list whose items the rest of the frame could hold. */
    int count() {
        int count = u32();
        return checked(count, bytes.remaining() / SMALLEST_ITEM);
    }

    byte[] string() {
        int length = u32();
        return take(checked(length, bytes.remaining()));
    }

    String text() {
        return RawText.decode(string());
    }

    KernelPath path() {
        try {
            return KernelPath.of(string());
        } catch (Failure.Invalid e) {
            throw new ConversationLost("bad frame: a NUL in a path");
        }
    }

    List<String> texts() {
        int count = count();
        var texts = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            texts.add(text());
        }
        return texts;
    }

    boolean bool() {
        return checked(u32(), 1) == 1;
    }

    /** An u32 that must be 0. */
    void zero() {
        checked(u32(), 0);
    }

    byte[] rest() {
        return take(bytes.remaining());
    }

    /** All must have been read by now. */
    void end() {
        if (bytes.hasRemaining()) {
            throw new ConversationLost("bad frame: too many bytes, by " + bytes.remaining());
        }
    }

    private static int checked(int count, int limit) {
        if (Integer.compareUnsigned(count, limit) > 0) {
            throw new ConversationLost("bad frame: a count of " + Integer.toUnsignedString(count));
        }
        return count;
    }

    private byte[] take(int length) {
        var taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private void need(int count) {
        if (bytes.remaining() < count) {
            throw new ConversationLost("bad frame: cut short");
        }
    }
}
