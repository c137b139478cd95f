package dev.rung.linux;

import java.nio.ByteBuffer;

/**
 * What statx(2) says of a file; mode holds type and permissions, sizes are in bytes, blocks in 512
 * bytes. It was modified so many seconds and nanoseconds after 1970 began.
 */
public record FileStatus(
        int mode,
        int uid,
        int gid,
        long inode,
        long size,
        long device,
        long specialDevice,
        int links,
        long blocks,
        long modifiedSeconds,
        int modifiedNanos) {
    private static final int S_IFMT = 0xf000;

    /** The type of a file, as in st_mode. */
    public enum Type {
        FIFO(0x1000),
        CHARACTER_DEVICE(0x2000),
        DIRECTORY(0x4000),
        BLOCK_DEVICE(0x6000),
        REGULAR(0x8000),
        LINK(0xa000),
        SOCKET(0xc000);

        private final int bits;

        Type(int bits) {
            this.bits = bits;
        }
    }

    /** Permissions with set-user-id, set-group-id and sticky bit. */
    public int permissions() {
        return mode & 0xfff;
    }

    public boolean is(Type type) {
        return (mode & S_IFMT) == type.bits;
    }

    /** Of a struct statx, the same on all architectures. */
    static FileStatus from(ByteBuffer statx) {
        return new FileStatus(
                statx.getShort(28) & 0xffff,
                statx.getInt(20),
                statx.getInt(24),
                statx.getLong(32),
                statx.getLong(40),
                device(statx.getInt(136), statx.getInt(140)),
                device(statx.getInt(128), statx.getInt(132)),
                statx.getInt(16),
                statx.getLong(48),
                statx.getLong(112),
                statx.getInt(120));
    }

    /** The user space's makedev(3). */
    private static long device(long major, long minor) {
        return (major & 0xfffff000L) << 32
                | (major & 0xfffL) << 8
                | (minor & 0xffffff00L) << 12
                | minor & 0xffL;
    }
}
