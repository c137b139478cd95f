package dev.rung.docker;

import dev.rung.linux.FileStatus;

/** A file's mode in the bits of Go's os.FileMode, which Docker's clients expect. */
final class GoMode {
    private static final int PERMISSIONS = 0777;
    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int STICKY = 01000;

    private GoMode() {}

    static long of(FileStatus file) {
        int mode = file.permissions();
        long bits = mode & PERMISSIONS;
        bits |= file.is(FileStatus.Type.DIRECTORY) ? 1L << 31 : 0;
        bits |= file.is(FileStatus.Type.LINK) ? 1L << 27 : 0;
        bits |=
                file.is(FileStatus.Type.BLOCK_DEVICE) || file.is(FileStatus.Type.CHARACTER_DEVICE)
                        ? 1L << 26
                        : 0;
        bits |= file.is(FileStatus.Type.FIFO) ? 1L << 25 : 0;
        bits |= file.is(FileStatus.Type.SOCKET) ? 1L << 24 : 0;
        bits |= (mode & SET_UID) != 0 ? 1L << 23 : 0;
        bits |= (mode & SET_GID) != 0 ? 1L << 22 : 0;
        bits |= file.is(FileStatus.Type.CHARACTER_DEVICE) ? 1L << 21 : 0;
        bits |= (mode & STICKY) != 0 ? 1L << 20 : 0;
        return bits;
    }
}
