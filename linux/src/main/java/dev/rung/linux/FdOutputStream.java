package dev.rung.linux;

import dev.rung.domain.Errno;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes to a descriptor, at once. Only the thread that made it may use it; closing it leaves the
 * descriptor open.
 */
public final class FdOutputStream extends OutputStream {
    private static final int CHUNK = 256 * 1024;

    private final Fd fd;
    private final String name;
    private final Memory memory = new Memory(CHUNK);
    private boolean open = true;

    /** The name is for messages. */
    public FdOutputStream(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, CHUNK);
            memory.bytes().put(0, bytes, offset + done, part);
            for (int written = 0; written < part; ) {
                written += writeOnce(written, part - written);
            }
            done += part;
        }
    }

    private int writeOnce(int from, int count) throws IOException {
        try {
            return (int) Calls.WRITE.callLong(memory, fd, fd.number(), memory.at(from), count);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINTR) {
                return 0;
            }
            throw new IOException("write " + name + ": " + Errno.phrase(e.errno()), e);
        }
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            memory.close();
        }
    }

    private static final class Calls {
        static final Function WRITE = new Function("write");
    }
}
