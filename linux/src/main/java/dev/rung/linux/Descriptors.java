package dev.rung.linux;

import dev.rung.domain.Errno;
import java.util.Arrays;

/** What can be asked of any open descriptor, and what is read through it. */
public final class Descriptors {
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BYTES = 256;
    private static final int CHUNK = 16 * 1024;

    private Descriptors() {}

    /** statx(2) of the descriptor itself. */
    public static FileStatus status(Fd fd) throws ErrnoException {
        try (var memory = new Memory(STATX_BYTES + 8)) {
            long empty = memory.put(STATX_BYTES, new byte[0]);
            Calls.STATX.call(
                    memory, fd, fd.number(), empty, AT_EMPTY_PATH, STATX_BASIC_STATS, memory.at(0));
            return FileStatus.from(memory.bytes());
        }
    }

    /**
     * The whole content, from the start of what can be read at an offset, else to the end of a
     * stream, for which it waits. EFBIG when there is more than the limit in bytes.
     */
    public static byte[] readAll(Fd fd, int limit) throws ErrnoException {
        try (var memory = new Memory(CHUNK)) {
            var content = new byte[0];
            int length = 0;
            boolean stream = false;
            while (true) {
                int count;
                try {
                    count =
                            (int)
                                    (stream
                                            ? Calls.READ.callLong(
                                                    memory, fd, fd.number(), memory.at(0), CHUNK)
                                            : Calls.PREAD.callLong(
                                                    memory,
                                                    fd,
                                                    fd.number(),
                                                    memory.at(0),
                                                    CHUNK,
                                                    length));
                } catch (ErrnoException e) {
                    if (e.errno() == Errno.ESPIPE && !stream) {
                        stream = true;
                        continue;
                    } else if (e.errno() == Errno.EINTR) {
                        continue;
                    }
                    throw e;
                }
                if (count == 0) {
                    return content.length == length ? content : Arrays.copyOf(content, length);
                }
                if (count > limit - length) {
                    throw new ErrnoException("read", fd, Errno.EFBIG);
                }
                if (count > content.length - length) {
                    // most files come with the first piece
                    content = Arrays.copyOf(content, Math.max(length + count, 2 * length));
                }
                memory.bytes().get(0, content, length, count);
                length += count;
            }
        }
    }

    /** read(2): what comes next, such as one datagram, up to so many bytes. */
    public static byte[] readNext(Fd fd, int size) throws ErrnoException {
        try (var memory = new Memory(size)) {
            int count = (int) Calls.READ.callLong(memory, fd, fd.number(), memory.at(0), size);
            var bytes = new byte[count];
            memory.bytes().get(0, bytes, 0, count);
            return bytes;
        }
    }

    /** dup(2): another one for the same. */
    public static Fd duplicate(int number) throws ErrnoException {
        try (var memory = new Memory(0)) {
            return new Fd(Calls.DUP.call(memory, number, number));
        }
    }

    /** dup2(2): from now on the number stands for the same as this one. */
    public static void replace(int number, Fd by) throws ErrnoException {
        try (var memory = new Memory(0)) {
            Calls.DUP2.call(memory, by, by.number(), number);
        }
    }

    private static final class Calls {
        static final Function DUP = new Function("dup");
        static final Function DUP2 = new Function("dup2");
        static final Function STATX = new Function("statx");
        static final Function READ = new Function("read");
        static final Function PREAD = new Function("pread");
    }
}
