package dev.rung.image.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Closes a socket into which nothing more could be written for a while: a write has no time-out of
 * its own. Watches on a thread of its own until closed.
 */
final class StallWatch implements AutoCloseable {
    private final Socket socket;
    private final Stream stream;
    private final Duration longest;
    private final Thread watch;
    private final AtomicLong written = new AtomicLong();
    private volatile boolean stalled;

    StallWatch(Socket socket, OutputStream out, Duration longest) {
        this.socket = socket;
        this.longest = longest;
        stream = new Stream(out);
        watch = Thread.ofVirtual().start(this::watch);
    }

    OutputStream stream() {
        return stream;
    }

    private void watch() {
        long before = -1;
        try {
            while (written.get() != before) {
                before = written.get();
                Thread.sleep(longest);
            }
            stalled = true;
            socket.close();
        } catch (InterruptedException e) {
            // written in time
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() {
        watch.interrupt();
    }

    private final class Stream extends FilterOutputStream {
        Stream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            try {
                out.write(bytes, from, count);
            } catch (IOException e) {
                if (stalled) {
                    throw new IOException("the server takes nothing more", e);
                }
                throw e;
            }
            written.addAndGet(count);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }
    }
}
