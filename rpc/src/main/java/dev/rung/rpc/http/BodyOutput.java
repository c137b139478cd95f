package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The body of an answer whose length nobody knows yet: in chunks, or for HTTP/1.0 up to the end of
 * the connection. What is written in small pieces goes out with the next flush, or when there is
 * enough of it.
 */
public final class BodyOutput extends OutputStream {
    private static final int ENOUGH = 8 * 1024;
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private final Wire wire;
    private final Patience patience;
    private final HttpLimits limits;
    private final boolean chunked;
    private final boolean silent;
    private final ByteBuffer head;
    private byte[] small = new byte[0];
    private int count;
    private boolean closed;

    /** The head goes out with the first bytes. A silent one has no body (HEAD). */
    BodyOutput(
            Wire wire,
            Patience patience,
            HttpLimits limits,
            byte[] head,
            boolean chunked,
            boolean silent) {
        this.wire = wire;
        this.patience = patience;
        this.limits = limits;
        this.head = ByteBuffer.wrap(head);
        this.chunked = chunked;
        this.silent = silent;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (count + length > ENOUGH) {
            send(ByteBuffer.wrap(small, 0, count), ByteBuffer.wrap(bytes, from, length));
            count = 0;
            return;
        }
        if (small.length == 0) {
            small = new byte[ENOUGH];
        }
        System.arraycopy(bytes, from, small, count, length);
        count += length;
    }

    /** Sends these bytes, and those before them, at once. */
    public void write(ByteBuffer bytes) throws IOException {
        send(ByteBuffer.wrap(small, 0, count), bytes);
        count = 0;
    }

    /** Sends what there is, the head at least. */
    @Override
    public void flush() throws IOException {
        send(ByteBuffer.wrap(small, 0, count), ByteBuffer.allocate(0));
        count = 0;
    }

    private void send(ByteBuffer first, ByteBuffer second) throws IOException {
        if (closed) {
            throw new IOException("the answer has ended");
        }
        int length = first.remaining() + second.remaining();
        if (length == 0 && !head.hasRemaining()) {
            return;
        }
        patience.allow(limits.writeStall());
        try {
            if (silent || length == 0) {
                wire.write(head);
            } else if (chunked) {
                byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1);
                wire.write(head, ByteBuffer.wrap(size), first, second, ByteBuffer.wrap(LINE_END));
            } else {
                wire.write(head, first, second);
            }
        } finally {
            patience.rest();
        }
    }

    /** Ends the answer: whoever reads it knows that nothing is missing. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        if (!chunked || silent) {
            flush();
        } else if (count == 0) {
            patience.allow(limits.writeStall());
            wire.write(head, ByteBuffer.wrap(LAST_CHUNK));
            patience.rest();
        } else {
            byte[] size = (Integer.toHexString(count) + "\r\n").getBytes(ISO_8859_1);
            patience.allow(limits.writeStall());
            wire.write(
                    head,
                    ByteBuffer.wrap(size),
                    ByteBuffer.wrap(small, 0, count),
                    ByteBuffer.wrap(LINE_END),
                    ByteBuffer.wrap(LAST_CHUNK));
            patience.rest();
        }
        closed = true;
    }

    /** Whether it was closed: else the connection must end, for the peer to know. */
    boolean isWhole() {
        return closed;
    }
}
