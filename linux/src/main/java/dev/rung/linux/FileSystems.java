package dev.rung.linux;

/** File systems as a whole. */
public final class FileSystems {
    private FileSystems() {}

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
