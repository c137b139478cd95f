package dev.rung.docker;

import dev.rung.engine.monitor.Output;
import java.nio.ByteBuffer;

/**
 * How two streams share a connection: before each piece u8 stream (1 stdout, 2 stderr), three zero
 * bytes and u32 length, big-endian. A terminal has one stream, and nothing before it.
 */
final class OutputFraming {
    private static final int HEAD_BYTES = 8;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private OutputFraming() {}

    static ByteBuffer head(boolean tty, Output stream, int length) {
        return tty ? NOTHING : head(stream == Output.STDOUT ? 1 : 2, length);
    }

    static ByteBuffer head(int stream, int length) {
        return ByteBuffer.allocate(HEAD_BYTES).put((byte) stream).putInt(4, length).rewind();
    }

    /** What a client is told that follows. */
    static String contentType(Call call, boolean tty) {
        return tty || call.version().isBefore(42)
                ? "application/vnd.docker.raw-stream"
                : "application/vnd.docker.multiplexed-stream";
    }
}
