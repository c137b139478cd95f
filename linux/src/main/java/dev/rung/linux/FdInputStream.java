package dev.rung.linux;

import dev.rung.domain.Errno;
import java.io.IOException;
import java.io.InputStream;

/**
 * What can be read from a descriptor, from where it stands. Only the thread that made it may use
 * it; closing it leaves the descriptor open.
 */
public final class FdInputStream extends InputStream {
    private static final int CHUNK = 256 * 1024;

    private final Fd fd;
    private final String name;
    private final Memory memory = new Memory(CHUNK);
    private boolean open = true;

    /** The name is for messages. */
    public FdInputStream(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            try {
                int most = Math.min(length, CHUNK);
                int count = (int) Calls.READ.callLong(memory, fd, fd.number(), memory.at(0), most);
                memory.bytes().get(0, bytes, offset, count);
                return count == 0 ? -1 : count;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw new IOException("read " + name + ": " + Errno.phrase(e.errno()), e);
                }
            }
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
        static final Function READ = new Function("read");
    }
}
