package dev.rung.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Zeroed native memory for the structures of one call or one connection, with room for errno before
 * it. Only the thread that made it may use it.
 */
final class Memory implements AutoCloseable {
    private static final int ERRNO_BYTES = 16; // keeps what follows aligned for any structure

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment errno;
    private final long address;
    private final ByteBuffer bytes;
    private final ByteBuffer errnoBytes;

    Memory(int size) {
        MemorySegment all = arena.allocate(ERRNO_BYTES + (long) size, ERRNO_BYTES);
        errno = all.asSlice(0, Integer.BYTES);
        errnoBytes = errno.asByteBuffer().order(ByteOrder.nativeOrder());
        address = all.address() + ERRNO_BYTES;
        bytes = all.asSlice(ERRNO_BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** The memory in the machine's byte order; absolute access only. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The address of the byte at that offset. */
    long at(int offset) {
        return address + offset;
    }

    /** Copies the bytes to the offset, closed by a NUL; returns their address. */
    long put(int offset, byte[] text) {
        bytes.put(offset, text);
        bytes.put(offset + text.length, (byte) 0);
        return at(offset);
    }

    MemorySegment errnoSegment() {
        return errno;
    }

    /** The errno of the last call that failed. */
    int errno() {
        return errnoBytes.getInt(0);
    }

    @Override
    public void close() {
        arena.close();
    }
}
