package dev.rung.image.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The body of an answer (RFC 9112, section 6): by length, in chunks, or up to the end. */
final class MessageBody extends InputStream {
    static final long CHUNKED = -1;
    static final long UNTIL_CLOSE = -2;

    private static final int LITTLE = 64 * 1024; // worth reading to keep the connection

    private final HttpConnection connection;
    private final boolean keep;
    private final long framing;
    private long left;
    private boolean first = true;
    private boolean ended;
    private boolean closed;

    /** The framing is a length in bytes or one of the constants. */
    MessageBody(HttpConnection connection, long framing, boolean keep) {
        this.connection = connection;
        this.framing = framing;
        this.keep = keep && framing != UNTIL_CLOSE;
        left = Math.max(framing, 0);
        ended = framing == 0;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        if (closed) {
            throw new IOException("the answer is closed");
        }
        if (count == 0) {
            return 0;
        }
        if (!ended && framing == CHUNKED && left == 0) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int most = framing == UNTIL_CLOSE ? count : (int) Math.min(count, left);
        int got = connection.read(bytes, from, most);
        if (got < 0) {
            if (framing != UNTIL_CLOSE) {
                throw new EOFException("the connection ended in the middle of an answer");
            }
            ended = true;
            return -1;
        }
        if (framing != UNTIL_CLOSE) {
            left -= got;
            ended = framing != CHUNKED && left == 0;
        }
        return got;
    }

    private void nextChunk() throws IOException {
        if (!first && !connection.readLine().isEmpty()) {
            throw new IOException("a chunk of the answer is longer than it says");
        }
        first = false;
        String line = connection.readLine();
        int end = line.indexOf(';');
        String size = (end < 0 ? line : line.substring(0, end)).strip();
        if (size.isEmpty() || size.length() > 15) {
            throw new IOException("the answer has a chunk without a size");
        }
        try {
            left = Long.parseLong(size, 16);
        } catch (NumberFormatException e) {
            throw new IOException("the answer has a chunk without a size", e);
        }
        if (left < 0) {
            throw new IOException("the answer has a chunk without a size");
        }
        if (left == 0) {
            while (!connection.readLine().isEmpty()) {
                // trailers say nothing that we need
            }
            ended = true;
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            if (keep && !ended && framing != CHUNKED && left <= LITTLE) {
                skip(left);
            } else if (keep && !ended && framing == CHUNKED) {
                skip(LITTLE);
            }
        } catch (IOException e) {
            ended = false;
        }
        closed = true;
        if (keep && ended) {
            connection.release();
        } else {
            connection.close();
        }
    }

    @Override
    public long skip(long count) throws IOException {
        var chunk = new byte[(int) Math.min(Math.max(count, 1), 8192)];
        long skipped = 0;
        while (skipped < count) {
            int got = read(chunk, 0, (int) Math.min(chunk.length, count - skipped));
            if (got < 0) {
                break;
            }
            skipped += got;
        }
        return skipped;
    }
}
