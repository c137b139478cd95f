package dev.rung.linux;

/** File systems as a whole. */
public final class FileSystems {
    private static final int STATFS_BYTES = 120; // of every 64-bit kernel
    private static final int F_FILES = 40;
    private static final int F_FFREE = 48;

    private FileSystems() {}

    /** How many files it can hold, and how many more. */
    public record Inodes(long total, long free) {}

    /** fstatfs(2): the inodes of the file system that holds the descriptor; 0 where any number. */
    public static Inodes inodes(Fd fd) throws ErrnoException {
        try (var memory = new Memory(STATFS_BYTES)) {
            new Function("fstatfs").call(memory, fd, fd.number(), memory.at(0));
            var bytes = memory.bytes();
            return new Inodes(bytes.getLong(F_FILES), bytes.getLong(F_FFREE));
        }
    }

    /** fsync(2): waits until all of the file is on disk. EINVAL for what lies on none. */
    public static void syncFile(Fd file) throws ErrnoException {
        try (var memory = new Memory(0)) {
            new Function("fsync").call(memory, file, file.number());
        }
    }

    /** syncfs(2): waits until all of the file system that holds the descriptor is on disk. */
    public static void sync(Fd fd) throws ErrnoException {
        try (var memory = new Memory(0)) {
            new Function("syncfs").call(memory, fd, fd.number());
        }
    }
}
