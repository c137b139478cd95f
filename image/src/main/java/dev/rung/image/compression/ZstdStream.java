package dev.rung.image.compression;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.rung.domain.Failure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Zstandard frames, one after another (RFC 8878); what is none is Failure.Invalid. */
final class ZstdStream extends FilterInputStream {
    private static final int BIGGEST_WINDOW_LOG = 27; // 128 MiB, what zstd itself takes unasked

    ZstdStream(InputStream in) throws IOException {
        var frames = new ZstdInputStreamNoFinalizer(in);
        frames.setLongMax(BIGGEST_WINDOW_LOG);
        super(frames);
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            return in.read(into, offset, length);
        } catch (ZstdIOException e) {
            throw new Failure.Invalid("invalid zstd stream: " + e.getMessage());
        }
    }
}
