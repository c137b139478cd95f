package dev.rung.cri.streaming;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One stream of a SPDY connection, as a client opened it. One thread reads. */
final class SpdyStream {
    /** How many parts wait before the whole connection does. */
    private static final int WAITING = 64;

    private static final ByteBuffer END = ByteBuffer.allocate(0);

    private final SpdyConnection connection;
    private final int id;
    private final Function<String, @Nullable String> headers;
    private final BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>(WAITING);
    private volatile boolean over;

    SpdyStream(SpdyConnection connection, int id, Function<String, @Nullable String> headers) {
        this.connection = connection;
        this.id = id;
        this.headers = headers;
    }

    int id() {
        return id;
    }

    /** Empty when there is none. */
    String header(String name) {
        String value = headers.apply(name);
        return value == null ? "" : value;
    }

    /** Waits for bytes; null when there are no more. */
    @Nullable ByteBuffer read() {
        try {
            while (true) {
                ByteBuffer next = received.take();
                if (next.capacity() == 0) {
                    received.add(END); // for whoever asks again
                    return null;
                } else if (next.hasRemaining()) {
                    return next;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** By the connection's reader: bytes have come. */
    void received(ByteBuffer bytes) {
        if (!over && bytes.hasRemaining()) {
            put(bytes);
        }
    }

    /** By the connection's reader: no more will come. */
    void ended() {
        if (!over) {
            over = true;
            put(END);
        }
    }

    private void put(ByteBuffer bytes) {
        try {
            received.put(bytes);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody reads any more: what comes is forgotten, and holds nobody up. */
    void ignore() {
        over = true;
        received.clear();
        received.add(END);
    }

    void write(ByteBuffer bytes) throws IOException {
        connection.data(id, bytes, false);
    }

    /** Nothing more is written. */
    void end() throws IOException {
        connection.data(id, END.duplicate(), true);
    }
}
