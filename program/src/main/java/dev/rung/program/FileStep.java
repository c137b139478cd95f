package dev.rung.program;

import dev.rung.domain.KernelPath;

/** Steps on files and descriptors. */
public sealed interface FileStep extends Step {
    long O_RDONLY = 0;
    long O_WRONLY = 1;
    long O_RDWR = 2;
    long O_CREAT = 0x40;
    long O_EXCL = 0x80;
    long O_NOCTTY = 0x100;
    long O_TRUNC = 0x200;
    long O_APPEND = 0x400;
    long O_NONBLOCK = 0x800;
    long O_DIRECTORY = 0x10000;
    long O_NOFOLLOW = 0x20000;
    long O_CLOEXEC = 0x80000;
    long O_PATH = 0x200000;

    long RESOLVE_NO_XDEV = 0x01;
    long RESOLVE_NO_MAGICLINKS = 0x02;
    long RESOLVE_NO_SYMLINKS = 0x04;
    long RESOLVE_BENEATH = 0x08;
    long RESOLVE_IN_ROOT = 0x10;

    long AT_SYMLINK_NOFOLLOW = 0x100;
    long AT_REMOVEDIR = 0x200;
    long AT_SYMLINK_FOLLOW = 0x400;
    long AT_NO_AUTOMOUNT = 0x800;
    long AT_EMPTY_PATH = 0x1000;

    int S_IFIFO = 0010000;
    int S_IFCHR = 0020000;
    int S_IFDIR = 0040000;
    int S_IFBLK = 0060000;
    int S_IFREG = 0100000;
    int S_IFMT = 0170000;

    int LOCK_SH = 1;
    int LOCK_EX = 2;
    int LOCK_NB = 4;
    int LOCK_UN = 8;

    long RENAME_NOREPLACE = 1;
    long RENAME_EXCHANGE = 2;

    long CLOSE_RANGE_UNSHARE = 2;
    long CLOSE_RANGE_CLOEXEC = 4;

    int F_GETFD = 1;
    int F_SETFD = 2;
    int F_GETFL = 3;
    int F_SETFL = 4;
    int F_DUPFD_CLOEXEC = 1030;
    long FD_CLOEXEC = 1;

    /** openat2(2). Result: the descriptor. */
    record Openat2(Operand dir, Text path, long flags, int mode, long resolve) implements FileStep {
        public Openat2(Operand dir, String path, long flags, long resolve) {
            this(dir, Text.of(path), flags, 0, resolve);
        }

        public Openat2(Operand dir, KernelPath path, long flags, long resolve) {
            this(dir, Text.of(path), flags, 0, resolve);
        }

        @Override
        public void lower(Lowering to) {
            int how = to.data().reserve(24);
            to.data().put64(how, to.machine().openFlags(flags));
            to.data().put64(how + 8, mode);
            to.data().put64(how + 16, resolve);
            to.call(Call.OPENAT2).operand(dir).text(path).address(how).number(24);
        }
    }

    /** openat(2). Result: the descriptor. */
    record Openat(Operand dir, Text path, long flags, int mode) implements FileStep {
        public Openat(Operand dir, String path, long flags) {
            this(dir, Text.of(path), flags, 0);
        }

        public Openat(Operand dir, String path, long flags, int mode) {
            this(dir, Text.of(path), flags, mode);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.OPENAT).operand(dir).text(path).openFlags(flags).number(mode);
        }
    }

    /** read(2) of at most the hole's size. Result: how many bytes. */
    record Read(Operand fd, Hole into) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.READ).operand(fd).bytes(into).number(into.size());
        }
    }

    /** write(2) of all, which must not fall short (else EIO). */
    record Write(Operand fd, Bytes data, Operand length) implements FileStep {
        public Write(Operand fd, Bytes data) {
            this(fd, data, Operand.of(data.length()));
        }

        public Write(Operand fd, String data) {
            this(fd, Bytes.of(data));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.WRITE).operand(fd).bytes(data).operand(length).flag(Format.FLAG_EXACT);
        }
    }

    /** pwrite64(2) of all, which must not fall short (else EIO). */
    record Pwrite(Operand fd, Bytes data, long at) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.PWRITE64).operand(fd).bytes(data).number(data.length()).number(at);
            to.flag(Format.FLAG_EXACT);
        }
    }

    /** sendfile(2) of at most so many bytes, from the source's own position. Result: how many. */
    record Sendfile(Operand to, Operand from, long count) implements FileStep {
        @Override
        public void lower(Lowering lowering) {
            lowering.call(Call.SENDFILE).operand(to).operand(from).number(0).number(count);
        }
    }

    /** close(2). */
    record Close(Operand fd) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.CLOSE).operand(fd);
        }
    }

    /** close_range(2); the last is unsigned, 0xffffffff for all. */
    record CloseRange(Operand first, Operand last, long flags) implements FileStep {
        public CloseRange(int first, long flags) {
            this(Operand.of(first), Operand.of(0xffffffffL), flags);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.CLOSE_RANGE).operand(first).operand(last).number(flags);
        }
    }

    /** mkdirat(2). */
    record Mkdirat(Operand dir, Text path, int mode) implements FileStep {
        public Mkdirat(Operand dir, String path, int mode) {
            this(dir, Text.of(path), mode);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.MKDIRAT).operand(dir).text(path).number(mode);
        }
    }

    /** mknodat(2); the mode holds the kind of file, such as S_IFCHR. */
    record Mknodat(Operand dir, Text path, int mode, long major, long minor) implements FileStep {
        public Mknodat(Operand dir, String path, int mode, long major, long minor) {
            this(dir, Text.of(path), mode, major, minor);
        }

        /** A device number as system calls take it: 20 bits of minor around 12 of major. */
        public static long device(long major, long minor) {
            return minor & 0xff | (major & 0xfff) << 8 | (minor & 0xfff00) << 12;
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.MKNODAT).operand(dir).text(path).number(mode).number(device(major, minor));
        }
    }

    /** symlinkat(2). */
    record Symlinkat(Text target, Operand dir, Text path) implements FileStep {
        public Symlinkat(String target, Operand dir, String path) {
            this(Text.of(target), dir, Text.of(path));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SYMLINKAT).text(target).operand(dir).text(path);
        }
    }

    /** unlinkat(2); a directory with AT_REMOVEDIR. */
    record Unlinkat(Operand dir, Text path, long flags) implements FileStep {
        public Unlinkat(Operand dir, String path, long flags) {
            this(dir, Text.of(path), flags);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.UNLINKAT).operand(dir).text(path).number(flags);
        }
    }

    /** renameat2(2). */
    record Renameat2(Operand fromDir, Text from, Operand toDir, Text to, long flags)
            implements FileStep {
        public Renameat2(Operand fromDir, String from, Operand toDir, String to, long flags) {
            this(fromDir, Text.of(from), toDir, Text.of(to), flags);
        }

        @Override
        public void lower(Lowering lowering) {
            lowering.call(Call.RENAMEAT2)
                    .operand(fromDir)
                    .text(from)
                    .operand(toDir)
                    .text(to)
                    .number(flags);
        }
    }

    /** fchownat(2); with an empty path and AT_EMPTY_PATH of the descriptor itself. */
    record Fchownat(Operand dir, Text path, Operand uid, Operand gid, long flags)
            implements FileStep {
        public Fchownat(Operand dir, String path, long uid, long gid, long flags) {
            this(dir, Text.of(path), Operand.of(uid), Operand.of(gid), flags);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FCHOWNAT).operand(dir).text(path).operand(uid).operand(gid).number(flags);
        }
    }

    /** fchmodat(2), which follows links; the mode is not subject to the umask. */
    record Fchmodat(Operand dir, Text path, Operand mode) implements FileStep {
        public Fchmodat(Operand dir, String path, int mode) {
            this(dir, Text.of(path), Operand.of(mode));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FCHMODAT).operand(dir).text(path).operand(mode);
        }
    }

    /** fchmod(2), not for O_PATH descriptors. */
    record Fchmod(Operand fd, int mode) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FCHMOD).operand(fd).number(mode);
        }
    }

    /** fchdir(2). */
    record Fchdir(Operand fd) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FCHDIR).operand(fd);
        }
    }

    /** chdir(2). */
    record Chdir(Text path) implements FileStep {
        public Chdir(String path) {
            this(Text.of(path));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.CHDIR).text(path);
        }
    }

    /**
     * statx(2) of the basic fields, and of the mount: one layout for all machines, where those of
     * fstat differ.
     */
    record Statx(Operand dir, Text path, long flags, Hole into) implements FileStep {
        public static final int SIZE = 256;
        private static final int STATX_BASIC_STATS = 0x7ff;
        private static final int STATX_MNT_ID = 0x1000;

        public Statx {
            if (into.size() < SIZE) {
                throw new IllegalArgumentException("statx needs " + SIZE + " bytes");
            }
        }

        /** Of an open descriptor. */
        public Statx(Operand fd, Hole into) {
            this(fd, Text.EMPTY, AT_EMPTY_PATH, into);
        }

        /** u16: S_IFMT and permissions. */
        public static Hole mode(Hole statx) {
            return statx.part(28, 2);
        }

        /** u32. */
        public static Hole links(Hole statx) {
            return statx.part(16, 4);
        }

        /** u32. */
        public static Hole uid(Hole statx) {
            return statx.part(20, 4);
        }

        /** u32. */
        public static Hole gid(Hole statx) {
            return statx.part(24, 4);
        }

        /** u64. */
        public static Hole inode(Hole statx) {
            return statx.part(32, 8);
        }

        /** u32 major and u32 minor of the device that the file is. */
        public static Hole device(Hole statx) {
            return statx.part(128, 8);
        }

        /** u32 major and u32 minor of the device that the file lies on. */
        public static Hole fileSystem(Hole statx) {
            return statx.part(136, 8);
        }

        /** u64: the mount, as mountinfo numbers it. */
        public static Hole mount(Hole statx) {
            return statx.part(144, 8);
        }

        /** A device as {@link #device} reads it. */
        public static long device(long major, long minor) {
            return minor << 32 | major;
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.STATX)
                    .operand(dir)
                    .text(path)
                    .number(flags)
                    .number(STATX_BASIC_STATS | STATX_MNT_ID)
                    .bytes(into);
        }
    }

    /** fstatfs(2). */
    record Fstatfs(Operand fd, Hole into) implements FileStep {
        public static final int SIZE = 120;

        public Fstatfs {
            if (into.size() < SIZE) {
                throw new IllegalArgumentException("fstatfs needs " + SIZE + " bytes");
            }
        }

        /** u64: the kind of file system, such as 0x9fa0 for proc. */
        public static Hole type(Hole statfs) {
            return statfs.part(0, 8);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FSTATFS).operand(fd).bytes(into);
        }
    }

    /** readlinkat(2), which puts no NUL behind the target. Result: its length. */
    record Readlinkat(Operand dir, Text path, Hole into) implements FileStep {
        public Readlinkat(Operand dir, String path, Hole into) {
            this(dir, Text.of(path), into);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.READLINKAT).operand(dir).text(path).bytes(into).number(into.size());
        }
    }

    /** flock(2); waits for a lock that somebody else holds unless LOCK_NB is given. */
    record Flock(Operand fd, int operation) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FLOCK).operand(fd).number(operation);
        }
    }

    /** ftruncate(2). */
    record Ftruncate(Operand fd, long size) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FTRUNCATE).operand(fd).number(size);
        }
    }

    /** fsync(2). */
    record Fsync(Operand fd) implements FileStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.FSYNC).operand(fd);
        }
    }

    /** dup3(2); the flag may be O_CLOEXEC. */
    record Dup3(Operand from, Operand to, long flags) implements FileStep {
        @Override
        public void lower(Lowering lowering) {
            lowering.call(Call.DUP3).operand(from).operand(to).number(flags);
        }
    }

    /** fcntl(2). */
    record Fcntl(Operand fd, int command, Operand argument) implements FileStep {
        public Fcntl(Operand fd, int command, long argument) {
            this(fd, command, Operand.of(argument));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.FCNTL).operand(fd).number(command).operand(argument);
        }
    }

    /** ppoll(2) of one descriptor. Result: 1 when it is ready, 0 when the time is over. */
    record Ppoll(Operand fd, int events, long limitMs) implements FileStep {
        public static final int POLLIN = 1;

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int poll = data.reserve(8);
            data.put16(poll + 4, events);
            int limit = data.reserve(16);
            data.put64(limit, limitMs / 1000);
            data.put64(limit + 8, limitMs % 1000 * 1_000_000);
            to.poke(fd, poll, 4);
            to.call(Call.PPOLL).address(poll).number(1).address(limit).number(0).number(8);
        }
    }
}
