package dev.rung.cli;

import dev.rung.domain.Failure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What somebody writes while it is read; reading its end fails when writing did. */
final class ContextStream extends InputStream {
    private static final int BUFFER = 64 * 1024;

    private final InputStream in;
    private final FutureTask<Boolean> writing;

    /** Writes all of it. */
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    ContextStream(Writer writer) throws IOException {
        Pipe pipe = Pipe.open();
        in = Channels.newInputStream(pipe.source());
        writing =
                new FutureTask<>(() -> {
                    try (OutputStream out =
                            new BufferedOutputStream(
                                    Channels.newOutputStream(pipe.sink()), BUFFER)) {
                        writer.writeTo(out);
                    }
                    return true;
                });
        Thread.ofPlatform().name("build context").start(writing);
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        if (count < 0) {
            finish();
        }
        return count;
    }

    private void finish() throws IOException {
        try {
            writing.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** The other side fails then, and has ended when this returns. */
    @Override
    public void close() throws IOException {
        in.close();
        boolean interrupted = Thread.interrupted();
        while (!writing.isDone()) {
            try {
                writing.get();
            } catch (ExecutionException e) {
                break; // nobody reads it
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
