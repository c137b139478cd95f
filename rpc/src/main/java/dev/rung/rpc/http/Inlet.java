package dev.rung.rpc.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What comes from a peer, through a buffer that is as long as need be. While nobody reads, its end
 * can be watched for.
 */
final class Inlet {
    private static final int SHORTEST = 2 * 1024;
    private static final int USUAL = 16 * 1024;
    private static final byte[] NOTHING = new byte[0];

    private final Wire wire;
    private byte[] buffer = NOTHING;
    private int at;
    private int end;
    private @Nullable Thread watch;
    private @Nullable IOException watchFailure;
    private boolean ended;

    Inlet(Wire wire) {
        this.wire = wire;
    }

    byte[] buffer() {
        return buffer;
    }

    int at() {
        return at;
    }

    int end() {
        return end;
    }

    /** So many of the buffered bytes are done with. */
    void take(int count) {
        at += count;
        if (at == end) {
            at = 0;
            end = 0;
            if (buffer.length > USUAL) {
                buffer = NOTHING; // a long head is rare
            }
        }
    }

    /** Waits for more bytes behind those that are buffered. False when there will be none. */
    boolean fill() throws IOException {
        int before = end - at;
        awaitWatch();
        return end - at > before || read();
    }

    private boolean read() throws IOException {
        if (ended) {
            return false;
        }
        if (at > 0) {
            System.arraycopy(buffer, at, buffer, 0, end - at);
            end -= at;
            at = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(SHORTEST, buffer.length * 4));
        }
        int got = wire.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
        ended = got < 0;
        end += Math.max(got, 0);
        return !ended;
    }

    /** Waits for bytes: buffered ones, else straight from the peer. -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        awaitWatch();
        if (at < end) {
            int count = Math.min(into.remaining(), end - at);
            into.put(buffer, at, count);
            take(count);
            return count;
        }
        if (ended) {
            return -1;
        }
        int got = wire.read(into);
        ended = got < 0;
        return got;
    }

    /** The next byte; -1 at the end. */
    int next() throws IOException {
        if (at == end && !fill()) {
            return -1;
        }
        int c = buffer[at] & 0xff;
        take(1);
        return c;
    }

    /**
     * Has it told when the peer has ended or is gone, on a thread of its own. Bytes that come
     * instead are kept, and nothing is watched any more then.
     */
    void watch(Runnable gone) {
        if (at < end || watch != null) {
            return;
        }
        watch =
                Thread.ofVirtual()
                        .name("watch for the end of a peer")
                        .start(() -> {
                            try {
                                if (!read()) {
                                    gone.run();
                                }
                            } catch (IOException e) {
                                watchFailure = e;
                                gone.run();
                            }
                        });
    }

    private void awaitWatch() throws IOException {
        Thread thread = watch;
        if (thread == null) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        watch = null;
        if (watchFailure != null) {
            throw watchFailure;
        }
    }
}
