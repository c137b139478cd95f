package dev.rung.image.compression;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** The ways in which a stream may be compressed. */
public enum Compression {
    NONE,
    GZIP,
    ZSTD;

    private static final int LONGEST_MARK = 6;

    /** Told by the first bytes. Unsupported for ways that no registry knows (bzip2, xz). */
    public static Compression of(byte[] start) {
        if (begins(start, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (begins(start, 0x28, 0xb5, 0x2f, 0xfd) || isSkippableFrame(start)) {
            return ZSTD;
        }
        if (begins(start, 'B', 'Z', 'h')) {
            throw new Failure.Unsupported("an archive in bzip2: want tar, gzip or zstd");
        }
        if (begins(start, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            throw new Failure.Unsupported("an archive in xz: want tar, gzip or zstd");
        }
        return NONE;
    }

    /** The stream without its compression, if it has one; closing it closes what is below. */
    public static InputStream undo(InputStream in) throws IOException {
        var again = new PushbackInputStream(in, LONGEST_MARK);
        byte[] start = again.readNBytes(LONGEST_MARK);
        again.unread(start);
        return switch (of(start)) {
            case NONE -> again;
            case GZIP -> new GunzipStream(again);
            case ZSTD -> new ZstdStream(again);
        };
    }

    /** 0x184D2A50 to 0x184D2A5F, little-endian (RFC 8878 section 3.1.2). */
    private static boolean isSkippableFrame(byte[] start) {
        return start.length > 3
                && (start[0] & 0xf0) == 0x50
                && start[1] == 0x2a
                && start[2] == 0x4d
                && start[3] == 0x18;
    }

    private static boolean begins(byte[] start, int... mark) {
        if (start.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if ((start[i] & 0xff) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
