package dev.rung.engine.monitor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;

/**
 * Frames from a monitor, through a buffer that is short while little comes: most connections wait
 * for one frame, the last. Used by one thread.
 */
final class MonitorInlet {
    private static final int SHORTEST = 1024;
    private static final int LONGEST = MonitorWire.HEAD_BYTES + MonitorWire.LONGEST_PAYLOAD;

    private final ReadableByteChannel channel;
    private byte[] bytes = new byte[SHORTEST];

    /** What was received and not taken yet. */
    private ByteBuffer frames = littleEndian(bytes).limit(0);

    MonitorInlet(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits for the next frame, whose payload is there until the next call. EOFException when there
     * is none; a half one is no frame.
     */
    MonitorWire.Frame next() throws IOException {
        while (!isWhole()) {
            receive();
        }
        return here();
    }

    /** Whether the next frame is here already and has that type. */
    boolean holds(int type) {
        return isWhole() && (frames.get(frames.position() + 1) & 0xff) == type;
    }

    /** The next frame, which is here. */
    MonitorWire.Frame here() {
        int at = frames.position();
        int length = MonitorWire.payloadLength(frames, at);
        int type = frames.get(at + 1) & 0xff;
        int begin = at + MonitorWire.HEAD_BYTES;
        ByteBuffer payload = frames.slice(begin, length).order(ByteOrder.LITTLE_ENDIAN);
        frames.position(begin + length);
        return new MonitorWire.Frame(type, payload);
    }

    private boolean isWhole() {
        int left = frames.remaining() - MonitorWire.HEAD_BYTES;
        return left >= 0 && left >= MonitorWire.payloadLength(frames, frames.position());
    }

    private void receive() throws IOException {
        int left = frames.remaining();
        byte[] before = bytes;
        if (left >= MonitorWire.HEAD_BYTES && bytes.length < LONGEST) {
            bytes = new byte[LONGEST]; // somebody listens to what a container writes
        }
        System.arraycopy(before, frames.position(), bytes, 0, left);
        frames = littleEndian(bytes).position(left);
        if (channel.read(frames) < 0) {
            throw new EOFException();
        }
        frames.flip();
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
