package dev.rung.resident;

import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** The payload of a frame being written, little-endian. */
final class FrameWriter {
    private byte[] array = new byte[1024];
    private ByteBuffer bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);

    int length() {
        return bytes.position();
    }

    /** Copies what was written to another buffer. */
    void copyTo(ByteBuffer target, int at) {
        target.put(at, array, 0, length());
    }

    byte[] toBytes() {
        return Arrays.copyOf(array, length());
    }

    FrameWriter u32(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    FrameWriter u64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** Bytes as they are, without a length. */
    FrameWriter raw(byte[] value) {
        room(value.length).put(value);
        return this;
    }

    /** Length and bytes. */
    FrameWriter string(byte[] value) {
        return u32(value.length).raw(value);
    }

    FrameWriter string(String text) {
        return string(RawText.encode(text));
    }

    FrameWriter string(KernelPath path) {
        return string(path.toBytes());
    }

    /** Count and strings. */
    FrameWriter strings(List<String> texts) {
        u32(texts.size());
        for (String text : texts) {
            string(text);
        }
        return this;
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            int used = length();
            array = Arrays.copyOf(array, Math.max(2 * array.length, used + more));
            bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN).position(used);
        }
        return bytes;
    }
}
