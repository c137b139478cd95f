package dev.rung.image.tar;

import dev.rung.domain.KernelPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the archive says of one file, unjudged.
 *
 * @param name as recorded, perhaps absolute, empty or with ".."
 * @param link what a hard or symbolic link points to, else empty
 * @param mode permissions with set-user-id, set-group-id and sticky bit, without the type
 * @param size of the file in bytes, holes included; 0 for all but files
 * @param modified when
 * @param device of a device node, as makedev(3)
 * @param extents what of a sparse file is stored, in order and without overlaps; null: all of it
 */
public record TarEntry(
        Kind kind,
        KernelPath name,
        KernelPath link,
        int mode,
        int uid,
        int gid,
        long size,
        Time modified,
        long device,
        List<Attribute> attributes,
        @Nullable List<Extent> extents) {

    public enum Kind {
        FILE('0'),
        HARD_LINK('1'),
        SYMLINK('2'),
        CHARACTER_DEVICE('3'),
        BLOCK_DEVICE('4'),
        FOLDER('5'),
        FIFO('6');

        private final char flag;

        Kind(char flag) {
            this.flag = flag;
        }

        /** The type flag of a ustar header. */
        char flag() {
            return flag;
        }
    }

    /** Seconds since 1970, perhaps negative, and nanoseconds from 0 to 999,999,999 after them. */
    public record Time(long seconds, int nanos) {
        public static final Time EPOCH = new Time(0, 0);
    }

    /** An extended attribute, recorded as SCHILY.xattr.NAME. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and copied by nobody who changes it
    public record Attribute(KernelPath name, byte[] value) {}

    /** Stored bytes of a sparse file: where they belong in the file, and how many. */
    public record Extent(long offset, long length) {}
}
