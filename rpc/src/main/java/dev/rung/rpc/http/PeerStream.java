package dev.rung.rpc.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A connection that is HTTP no more: bytes both ways, each of which ends alone. One thread reads
 * while another writes. There is no time-out.
 */
public final class PeerStream implements AutoCloseable {
    private static final Duration LINGER = Duration.ofMillis(500);

    private final Inlet inlet;
    private final Wire wire;

    PeerStream(Inlet inlet, Wire wire) {
        this.inlet = inlet;
        this.wire = wire;
    }

    /** Waits for bytes; -1 when the peer will send no more. */
    public int read(ByteBuffer into) throws IOException {
        return inlet.read(into);
    }

    /** Writes all of them, in this order; waits while the peer takes nothing. */
    public void write(ByteBuffer... parts) throws IOException {
        wire.write(parts);
    }

    /** The peer sees an end; what it sends still arrives. */
    public void endOutput() {
        wire.closeOutput();
    }

    /**
     * Ends our side, reads away for a moment what is still coming, and closes: a socket that is
     * closed with something unread in it tells the peer of a reset, which may overtake what was
     * written last.
     */
    public void finish() {
        wire.closeOutput();
        Thread limit = Thread.ofVirtual().name("linger").start(this::closeLater);
        var rest = ByteBuffer.allocate(4 * 1024);
        try {
            while (inlet.read(rest.clear()) >= 0) {
                // nobody wants it
            }
        } catch (IOException _) {
            // the peer has gone
        } finally {
            limit.interrupt();
            wire.close();
        }
    }

    private void closeLater() {
        try {
            Thread.sleep(LINGER);
            wire.close();
        } catch (InterruptedException _) {
            // it is closed
        }
    }

    /** Ends both ways, and whoever waits in them. */
    @Override
    public void close() {
        wire.close();
    }
}
