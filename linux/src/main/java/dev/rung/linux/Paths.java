package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files of our own by path, and what lies below a descriptor. A path that a client names is never
 * opened here: the client opens it and sends the descriptor.
 */
public final class Paths {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_NOCTTY = 0x100;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DIRECTORY = isArm64() ? 0x4000 : 0x10000;
    public static final int O_NOFOLLOW = isArm64() ? 0x8000 : 0x20000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BYTES = 256;
    private static final int SYS_OPENAT2 = 437; // on all architectures
    private static final int OPEN_HOW_BYTES = 24;
    private static final int MOST_ATTEMPTS = 128;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LONGEST_LINK = 4096;
    private static final int ENTRIES_BYTES = 32 * 1024;

    private Paths() {}

    private static boolean isArm64() {
        return System.getProperty("os.arch", "").equals("aarch64");
    }

    /**
     * openat2(2), always close-on-exec; below the folder, or the working directory without one. The
     * mode is that of a file made with O_CREAT, else 0. Tried again where the kernel asks for it.
     */
    public static Fd open(@Nullable Fd folder, KernelPath path, long flags, int mode, long resolve)
            throws ErrnoException {
        try (var memory = new Memory(OPEN_HOW_BYTES + path.length() + 1)) {
            memory.bytes().putLong(0, flags | O_CLOEXEC);
            memory.bytes().putLong(8, mode);
            memory.bytes().putLong(16, resolve);
            long text = memory.put(OPEN_HOW_BYTES, path.toBytes());
            var openat2 = Function.bySystemCall("openat2");
            long how = memory.at(0);
            int at = number(folder);
            for (int attempt = 1; ; attempt++) {
                try {
                    return new Fd(
                            openat2.call(memory, path, SYS_OPENAT2, at, text, how, OPEN_HOW_BYTES));
                } catch (ErrnoException e) {
                    // while ".." was walked inside a root, something was renamed or mounted
                    // somewhere
                    if (e.errno() != Errno.EAGAIN || attempt == MOST_ATTEMPTS) {
                        throw e;
                    }
                }
            }
        }
    }

    /** statx(2) of the path below the folder, a link itself rather than what it points to. */
    public static FileStatus status(@Nullable Fd folder, KernelPath path) throws ErrnoException {
        try (var memory = new Memory(STATX_BYTES + path.length() + 1)) {
            new Function("statx")
                    .call(
                            memory,
                            path,
                            number(folder),
                            memory.put(STATX_BYTES, path.toBytes()),
                            AT_SYMLINK_NOFOLLOW,
                            STATX_BASIC_STATS,
                            memory.at(0));
            return FileStatus.from(memory.bytes());
        }
    }

    /** readlinkat(2): what a link below the folder says. */
    public static KernelPath readLink(@Nullable Fd folder, KernelPath path) throws ErrnoException {
        try (var memory = new Memory(LONGEST_LINK + path.length() + 1)) {
            int length =
                    (int)
                            new Function("readlinkat")
                                    .callLong(
                                            memory,
                                            path,
                                            number(folder),
                                            memory.put(LONGEST_LINK, path.toBytes()),
                                            memory.at(0),
                                            LONGEST_LINK);
            var target = new byte[length];
            memory.bytes().get(0, target);
            return KernelPath.of(target);
        }
    }

    /** getdents64(2): the names in a folder, without "." and "..", in the kernel's order. */
    public static List<KernelPath> list(Fd folder) throws ErrnoException {
        var names = new ArrayList<KernelPath>();
        try (var memory = new Memory(ENTRIES_BYTES)) {
            var getdents = new Function("getdents64");
            while (true) {
                int end =
                        (int)
                                getdents.callLong(
                                        memory,
                                        folder,
                                        folder.number(),
                                        memory.at(0),
                                        ENTRIES_BYTES);
                if (end == 0) {
                    return names;
                }
                for (int at = 0; at < end; at += memory.bytes().getShort(at + 16) & 0xffff) {
                    KernelPath name = name(memory, at + 19);
                    String text = name.toString();
                    if (!text.equals(".") && !text.equals("..")) {
                        names.add(name);
                    }
                }
            }
        }
    }

    /**
     * flock(2), exclusive, without waiting; false when another holds it. Ends with the descriptor.
     */
    public static boolean tryLock(Fd file) throws ErrnoException {
        return tryLock(file, LOCK_EX);
    }

    /** As {@link #tryLock}, but shared with others that ask for no more. */
    public static boolean tryLockShared(Fd file) throws ErrnoException {
        return tryLock(file, LOCK_SH);
    }

    private static boolean tryLock(Fd file, int kind) throws ErrnoException {
        try (var memory = new Memory(0)) {
            new Function("flock").call(memory, file, file.number(), kind | LOCK_NB);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    /** unlinkat(2) of a file of our own. */
    public static void unlink(@Nullable Fd folder, KernelPath path) throws ErrnoException {
        try (var memory = new Memory(path.length() + 1)) {
            new Function("unlinkat")
                    .call(memory, path, number(folder), memory.put(0, path.toBytes()), 0);
        }
    }

    private static KernelPath name(Memory memory, int at) {
        int length = 0;
        while (memory.bytes().get(at + length) != 0) {
            length++;
        }
        var name = new byte[length];
        memory.bytes().get(at, name);
        return KernelPath.of(name);
    }

    private static int number(@Nullable Fd folder) {
        return folder == null ? AT_FDCWD : folder.number();
    }
}
