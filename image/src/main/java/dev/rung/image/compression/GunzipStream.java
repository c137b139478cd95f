package dev.rung.image.compression;

import dev.rung.domain.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A gzip file of one or more members (RFC 1952), each checked. The JDK's own reader takes the end
 * of a member for the end of all when the stream below has nothing ready just then, as one from a
 * network.
 */
final class GunzipStream extends InputStream {
    private static final int BUFFER = 64 * 1024;
    private static final int HAS_HEADER_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED_FLAGS = 0xe0;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private int start;
    private int end;
    private boolean inMember;
    private boolean atEnd;

    GunzipStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!atEnd) {
            if (!inMember && !begin()) {
                atEnd = true;
                break;
            }
            int count = inflate(into, offset, length);
            if (count > 0) {
                crc.update(into, offset, count);
                return count;
            }
            if (inflater.finished()) {
                finishMember();
            } else if (inflater.needsDictionary()) {
                throw damaged("it wants a dictionary");
            } else {
                feed();
            }
        }
        return -1;
    }

    private int inflate(byte[] into, int offset, int length) {
        try {
            return inflater.inflate(into, offset, length);
        } catch (DataFormatException e) {
            throw damaged(e.getMessage() == null ? "it is no deflate stream" : e.getMessage());
        }
    }

    private void feed() throws IOException {
        if (!fill()) {
            throw brokenOff();
        }
        inflater.setInput(buffer, 0, end);
        start = end;
    }

    /** The header of a member; false when there is no further one. */
    private boolean begin() throws IOException {
        if (start == end && !fill()) {
            return false;
        }
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
            throw damaged("what follows a member is none");
        }
        int flags = next();
        if ((flags & RESERVED_FLAGS) != 0) {
            throw damaged("a header has flags that nobody knows");
        }
        skip(6);
        if ((flags & HAS_EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & HAS_NAME) != 0) {
            skipText();
        }
        if ((flags & HAS_COMMENT) != 0) {
            skipText();
        }
        if ((flags & HAS_HEADER_CRC) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(buffer, start, end - start);
        start = end;
        crc.reset();
        inMember = true;
        return true;
    }

    private void finishMember() throws IOException {
        start = end - inflater.getRemaining();
        long sum = four();
        long size = four();
        if (sum != crc.getValue() || size != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw damaged("its checksum is another");
        }
        inMember = false;
    }

    private long four() throws IOException {
        long low = next() | next() << 8 | next() << 16;
        return low | (long) next() << 24;
    }

    private void skipText() throws IOException {
        while (next() != 0) {
            // on to its end
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private int next() throws IOException {
        if (start == end && !fill()) {
            throw brokenOff();
        }
        return buffer[start++] & 0xff;
    }

    private boolean fill() throws IOException {
        start = 0;
        end = Math.max(0, in.read(buffer, 0, BUFFER));
        return end > 0;
    }

    private static Failure.Invalid damaged(String reason) {
        return new Failure.Invalid("invalid gzip stream: " + reason);
    }

    private static EOFException brokenOff() {
        return new EOFException("a gzip stream breaks off");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
