package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;

/**
 * Calls that make, change and read files below open folders, for work on many files: the memory for
 * their operands is made once, so only the thread that made this may use it. They block as the file
 * system does. A name is one component; what it names is never followed when it is a link.
 */
public final class FileCalls implements AutoCloseable {
    private static final int O_WRONLY = 1;
    private static final int O_PATH = 0x200000;
    private static final int O_CREAT_EXCL = 0xc0;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int RESOLVE_NO_XDEV_MAGICLINKS_IN_ROOT = 1 | 2 | 0x10;
    private static final int SYS_OPENAT2 = 437; // on all architectures
    private static final int OPEN_HOW_BYTES = 24;
    private static final int STRUCT_BYTES = 256;
    private static final int TEXT_BYTES = 8 * 1024; // two paths of PATH_MAX
    private static final int SECOND_TEXT = STRUCT_BYTES + TEXT_BYTES / 2;
    private static final int DATA = STRUCT_BYTES + TEXT_BYTES;
    private static final int DATA_BYTES = 256 * 1024;
    private static final int LONGEST_TEXT = TEXT_BYTES / 2 - 1;
    private static final int MOST_ATTEMPTS = 128;

    private final Memory memory = new Memory(DATA + DATA_BYTES);

    public FileCalls() {}

    /** A new regular file, open for writing. EEXIST when the name is taken. */
    public Fd create(Fd folder, KernelPath name, int mode) throws ErrnoException {
        int flags = O_WRONLY | O_CREAT_EXCL | Paths.O_NOFOLLOW | Paths.O_CLOEXEC;
        return new Fd(Calls.OPENAT.call(memory, name, folder.number(), text(name), flags, mode));
    }

    /** A file that is there. ELOOP when the name is a link and flags hold O_NOFOLLOW. */
    public Fd open(Fd folder, KernelPath name, int flags) throws ErrnoException {
        return new Fd(
                Calls.OPENAT.call(
                        memory,
                        name,
                        folder.number(),
                        text(name),
                        flags | Paths.O_NOFOLLOW | Paths.O_CLOEXEC));
    }

    /**
     * The regular file of that name for reading, whatever others put in its place meanwhile: no
     * link is followed, no device opened and no fifo waited for. ENXIO when it is something else.
     */
    public Fd openRegular(Fd folder, KernelPath name) throws ErrnoException {
        try (Fd place = open(folder, name, O_PATH)) {
            if (!Descriptors.status(place).is(FileStatus.Type.REGULAR)) {
                throw new ErrnoException("open", name, Errno.ENXIO);
            }
            KernelPath again = KernelPath.of("/proc/self/fd/" + place.number());
            return Paths.open(null, again, Paths.O_RDONLY, 0, 0);
        }
    }

    /** The folder of that name itself. ENOTDIR when it is something else, such as a link to one. */
    public Fd openFolder(Fd folder, KernelPath name) throws ErrnoException {
        return open(folder, name, Paths.O_DIRECTORY);
    }

    /**
     * openat2(2) of the folder that the path leads to when root is taken for the root of all paths:
     * links and ".." never lead out of it, nor into another mount (EXDEV). With O_NOFOLLOW among
     * the flags the last component may be no link (ENOTDIR).
     */
    public Fd openFolderInRoot(Fd root, KernelPath path, int flags) throws ErrnoException {
        memory.bytes().putLong(0, flags | Paths.O_DIRECTORY | Paths.O_CLOEXEC);
        memory.bytes().putLong(8, 0);
        memory.bytes().putLong(16, RESOLVE_NO_XDEV_MAGICLINKS_IN_ROOT);
        long text = text(path);
        for (int attempt = 1; ; attempt++) {
            try {
                return new Fd(
                        Calls.OPENAT2.call(
                                memory,
                                path,
                                SYS_OPENAT2,
                                root.number(),
                                text,
                                memory.at(0),
                                OPEN_HOW_BYTES));
            } catch (ErrnoException e) {
                // while ".." was walked, something was renamed or mounted somewhere
                if (e.errno() != Errno.EAGAIN || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** mkdirat(2). */
    public void makeFolder(Fd folder, KernelPath name, int mode) throws ErrnoException {
        Calls.MKDIRAT.call(memory, name, folder.number(), text(name), mode);
    }

    /** mknodat(2) of a device, fifo or socket; mode holds the type. */
    public void makeNode(Fd folder, KernelPath name, int mode, long device) throws ErrnoException {
        Calls.MKNODAT.call(memory, name, folder.number(), text(name), mode, device);
    }

    /** symlinkat(2). */
    public void makeLink(Fd folder, KernelPath name, KernelPath target) throws ErrnoException {
        Calls.SYMLINKAT.call(memory, name, secondText(target), folder.number(), text(name));
    }

    /** linkat(2): another name for a file. EPERM for a folder. */
    public void link(Fd oldFolder, KernelPath oldName, Fd folder, KernelPath name)
            throws ErrnoException {
        long to = text(name);
        Calls.LINKAT.call(
                memory, name, oldFolder.number(), secondText(oldName), folder.number(), to, 0);
    }

    /** fchownat(2). */
    public void changeOwner(Fd folder, KernelPath name, int uid, int gid) throws ErrnoException {
        Calls.FCHOWNAT.call(
                memory, name, folder.number(), text(name), uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    /** fchown(2). */
    public void changeOwner(Fd file, int uid, int gid) throws ErrnoException {
        Calls.FCHOWN.call(memory, file, file.number(), uid, gid);
    }

    /** fchmodat(2), which would follow a link: for what was just made as something else. */
    public void changeMode(Fd folder, KernelPath name, int mode) throws ErrnoException {
        Calls.FCHMODAT.call(memory, name, folder.number(), text(name), mode, 0);
    }

    /** fchmod(2). */
    public void changeMode(Fd file, int mode) throws ErrnoException {
        Calls.FCHMOD.call(memory, file, file.number(), mode);
    }

    /** utimensat(2): the time of access and of modification. */
    public void setTimes(Fd folder, KernelPath name, long seconds, int nanos)
            throws ErrnoException {
        Calls.UTIMENSAT.call(
                memory,
                name,
                folder.number(),
                text(name),
                times(seconds, nanos),
                AT_SYMLINK_NOFOLLOW);
    }

    /** futimens(3): the time of access and of modification. */
    public void setTimes(Fd file, long seconds, int nanos) throws ErrnoException {
        Calls.FUTIMENS.call(memory, file, file.number(), times(seconds, nanos));
    }

    /** write(2), all of it. */
    public void write(Fd file, byte[] bytes, int offset, int length) throws ErrnoException {
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, DATA_BYTES);
            memory.bytes().put(DATA, bytes, offset + done, part);
            for (int written = 0; written < part; ) {
                long from = memory.at(DATA + written);
                written +=
                        (int)
                                Calls.WRITE.callLong(
                                        memory, file, file.number(), from, part - written);
            }
            done += part;
        }
    }

    /** read(2), up to so many bytes; 0 at the end. */
    public int read(Fd file, byte[] bytes, int offset, int length) throws ErrnoException {
        int most = Math.min(length, DATA_BYTES);
        int count = (int) Calls.READ.callLong(memory, file, file.number(), memory.at(DATA), most);
        memory.bytes().get(DATA, bytes, offset, count);
        return count;
    }

    /** lseek(2) from the start of the file. */
    public void seek(Fd file, long offset) throws ErrnoException {
        Calls.LSEEK.callLong(memory, file, file.number(), offset, 0);
    }

    /** ftruncate(2): what was not written reads as zeros and takes no space. */
    public void resize(Fd file, long size) throws ErrnoException {
        Calls.FTRUNCATE.call(memory, file, file.number(), size);
    }

    /** unlinkat(2) of what is no folder. EISDIR for a folder. */
    public void remove(Fd folder, KernelPath name) throws ErrnoException {
        Calls.UNLINKAT.call(memory, name, folder.number(), text(name), 0);
    }

    /** unlinkat(2) of an empty folder. ENOTEMPTY, ENOTDIR. */
    public void removeFolder(Fd folder, KernelPath name) throws ErrnoException {
        Calls.UNLINKAT.call(memory, name, folder.number(), text(name), AT_REMOVEDIR);
    }

    /** renameat(2), which replaces a file or an empty folder of the new name. */
    public void rename(Fd oldFolder, KernelPath oldName, Fd folder, KernelPath name)
            throws ErrnoException {
        long to = text(name);
        Calls.RENAMEAT.call(
                memory, oldName, oldFolder.number(), secondText(oldName), folder.number(), to);
    }

    /** statx(2). */
    public FileStatus status(Fd folder, KernelPath name) throws ErrnoException {
        Calls.STATX.call(
                memory,
                name,
                folder.number(),
                text(name),
                AT_SYMLINK_NOFOLLOW,
                STATX_BASIC_STATS,
                memory.at(0));
        return FileStatus.from(memory.bytes());
    }

    private long text(KernelPath path) throws ErrnoException {
        return put(STRUCT_BYTES, path);
    }

    private long secondText(KernelPath path) throws ErrnoException {
        return put(SECOND_TEXT, path);
    }

    private long put(int at, KernelPath path) throws ErrnoException {
        if (path.length() > LONGEST_TEXT) {
            throw new ErrnoException("path", path, Errno.ENAMETOOLONG);
        }
        return memory.put(at, path.toBytes());
    }

    private long times(long seconds, int nanos) {
        for (int at = 0; at < 32; at += 16) {
            memory.bytes().putLong(at, seconds);
            memory.bytes().putLong(at + 8, nanos);
        }
        return memory.at(0);
    }

    @Override
    public void close() {
        memory.close();
    }

    private static final class Calls {
        static final Function OPENAT = new Function("openat");
        static final Function OPENAT2 = Function.bySystemCall("openat2");
        static final Function MKDIRAT = new Function("mkdirat");
        static final Function MKNODAT = new Function("mknodat");
        static final Function SYMLINKAT = new Function("symlinkat");
        static final Function LINKAT = new Function("linkat");
        static final Function FCHOWNAT = new Function("fchownat");
        static final Function FCHOWN = new Function("fchown");
        static final Function FCHMODAT = new Function("fchmodat");
        static final Function FCHMOD = new Function("fchmod");
        static final Function UTIMENSAT = new Function("utimensat");
        static final Function FUTIMENS = new Function("futimens");
        static final Function WRITE = new Function("write");
        static final Function READ = new Function("read");
        static final Function LSEEK = new Function("lseek");
        static final Function FTRUNCATE = new Function("ftruncate");
        static final Function UNLINKAT = new Function("unlinkat");
        static final Function RENAMEAT = new Function("renameat");
        static final Function STATX = new Function("statx");
    }
}
