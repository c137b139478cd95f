package dev.rung.rpc.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of a request (RFC 9112, section 6): by length or in chunks. */
final class BodyInput extends InputStream {
    private static final long CHUNKED = -1;
    private static final int LONGEST_SIZE_LINE = 4096;
    private static final int LONGEST_TRAILERS = 16 * 1024;
    private static final int MOST_DIGITS = 15;

    private final Inlet inlet;
    private final Patience patience;
    private final HttpLimits limits;
    private final boolean chunked;
    private @Nullable Runnable invitation;
    private long left;
    private boolean first = true;
    private boolean ended;

    private BodyInput(
            Inlet inlet,
            Patience patience,
            HttpLimits limits,
            long length,
            @Nullable Runnable invitation) {
        this.inlet = inlet;
        this.patience = patience;
        this.limits = limits;
        this.invitation = invitation;
        chunked = length == CHUNKED;
        left = Math.max(length, 0);
        ended = length == 0;
    }

    /**
     * As the head says. A message whose length can be read in two ways is refused (section 6.3).
     *
     * @param invitation is run before the first byte is read, where the peer waits for one
     */
    static BodyInput of(
            HttpRequest head,
            Inlet inlet,
            Patience patience,
            HttpLimits limits,
            @Nullable Runnable invitation)
            throws HttpRefusal {
        var codings = head.headers().all("Transfer-Encoding");
        var lengths = head.headers().all("Content-Length");
        if (!codings.isEmpty()) {
            if (!lengths.isEmpty() || head.isOld()) {
                throw new HttpRefusal(400, "Transfer-Encoding beside what excludes it");
            }
            if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
                throw new HttpRefusal(501, "unsupported transfer encoding");
            }
            return new BodyInput(inlet, patience, limits, CHUNKED, invitation);
        }
        long length = 0;
        for (String text : lengths) {
            if (!text.equals(lengths.getFirst())) {
                throw new HttpRefusal(400, "several Content-Lengths");
            }
            length = length(text);
        }
        return new BodyInput(inlet, patience, limits, length, length == 0 ? null : invitation);
    }

    private static long length(String text) throws HttpRefusal {
        boolean digits = !text.isEmpty() && text.length() <= 18;
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!digits) {
            throw new HttpRefusal(400, "malformed Content-Length");
        }
        return Long.parseLong(text);
    }

    /** How long it says it is; -1: it does not. */
    long length() {
        return chunked ? CHUNKED : left;
    }

    boolean isEnded() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        return count == 0 ? 0 : read(ByteBuffer.wrap(bytes, from, count));
    }

    int read(ByteBuffer into) throws IOException {
        if (ended) {
            return -1;
        }
        if (invitation != null) {
            invitation.run();
            invitation = null;
        }
        patience.allow(limits.bodyStall());
        try {
            if (chunked && left == 0) {
                nextChunk();
            }
            return ended ? -1 : readPart(into);
        } finally {
            patience.rest();
        }
    }

    private int readPart(ByteBuffer into) throws IOException {
        int limit = into.limit();
        into.limit(into.position() + (int) Math.min(into.remaining(), left));
        int got;
        try {
            got = inlet.read(into);
        } finally {
            into.limit(limit);
        }
        if (got < 0) {
            throw brokenOff();
        }
        left -= got;
        ended = !chunked && left == 0;
        return got;
    }

    private void nextChunk() throws IOException {
        if (!first && !line(1).isEmpty()) {
            throw new HttpRefusal(400, "a chunk is longer than it says");
        }
        first = false;
        left = size(line(LONGEST_SIZE_LINE));
        if (left == 0) {
            int trailers = LONGEST_TRAILERS;
            while (true) {
                int length = line(trailers).length();
                if (length == 0) {
                    break;
                }
                trailers -= length; // they say nothing that we need
            }
            ended = true;
        }
    }

    private static long size(String line) throws HttpRefusal {
        int extension = line.indexOf(';');
        String digits = extension < 0 ? line : Grammar.trimmed(line.substring(0, extension));
        boolean good = !digits.isEmpty() && digits.length() <= MOST_DIGITS;
        long size = 0;
        for (int i = 0; i < digits.length() && good; i++) {
            int digit = Grammar.hex(digits.charAt(i));
            good = digit >= 0;
            size = size << 4 | digit;
        }
        if (!good) {
            throw new HttpRefusal(400, "malformed chunk size");
        }
        return size;
    }

    private String line(int longest) throws IOException {
        var line = new StringBuilder(16);
        while (true) {
            int c = inlet.next();
            if (c < 0) {
                throw brokenOff();
            } else if (c == '\n') {
                int length = line.length();
                if (length > 0 && line.charAt(length - 1) == '\r') {
                    line.setLength(length - 1);
                }
                return line.toString();
            } else if (line.length() >= longest) {
                throw new HttpRefusal(400, "malformed chunked encoding");
            }
            line.append((char) c);
        }
    }

    private static EOFException brokenOff() {
        return new EOFException("unexpected EOF");
    }
}
