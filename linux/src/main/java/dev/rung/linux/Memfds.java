package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;

/** Files in memory that nobody can change any more (memfd_create(2), F_ADD_SEALS of fcntl(2)). */
public final class Memfds {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_EXEC = 16;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int SEAL_SEAL_SHRINK_GROW_WRITE = 15;

    private Memfds() {}

    /** A file of these bytes, sealed against writing, resizing and further seals; executable. */
    public static Fd sealed(KernelPath name, byte[] content) throws ErrnoException {
        Fd fd = create(name);
        try (var memory = new Memory(content.length)) {
            memory.bytes().put(0, content);
            int written = 0;
            while (written < content.length) {
                written +=
                        (int)
                                new Function("write")
                                        .callLong(
                                                memory,
                                                name,
                                                fd.number(),
                                                memory.at(written),
                                                content.length - written);
            }
            Calls.FCNTL.call(memory, name, fd.number(), F_ADD_SEALS, SEAL_SEAL_SHRINK_GROW_WRITE);
            return fd;
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    /** Whether the descriptor is such a file in memory, sealed or not. */
    public static boolean isMemfd(Fd fd) {
        try (var memory = new Memory(0)) {
            Calls.FCNTL.call(memory, fd, fd.number(), F_GET_SEALS);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static Fd create(KernelPath name) throws ErrnoException {
        try (var memory = new Memory(name.length() + 1)) {
            long text = memory.put(0, name.toBytes());
            var create = new Function("memfd_create");
            int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
            try {
                return new Fd(create.call(memory, name, text, flags | MFD_EXEC));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
                // before Linux 6.3, where each is executable
                return new Fd(create.call(memory, name, text, flags));
            }
        }
    }

    private static final class Calls {
        static final Function FCNTL = new Function("fcntl");
    }
}
