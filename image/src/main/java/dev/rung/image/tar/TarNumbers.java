package dev.rung.image.tar;

import dev.rung.image.tar.TarEntry.Time;
import org.jspecify.annotations.Nullable;

/** Numbers as tar headers and pax records write them; null or NONE where there is no number. */
final class TarNumbers {
    static final long NONE = Long.MIN_VALUE;

    private static final int NANO_DIGITS = 9;

    private TarNumbers() {}

    /**
     * A field of a header: octal digits, or with the highest bit set the GNU form, two's complement
     * in base 256. An empty field is 0.
     */
    static long field(byte[] header, int offset, int length) {
        return (header[offset] & 0x80) != 0
                ? binary(header, offset, length)
                : octal(header, offset, length);
    }

    private static long binary(byte[] header, int offset, int length) {
        boolean negative = (header[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int part = header[offset + i] & 0xff;
            if (i == 0) {
                part = negative ? part : part & 0x7f;
            }
            boolean fits = i == 0 || value >> 55 == (negative ? -1 : 0);
            if (!fits) {
                return NONE;
            }
            value = value << 8 | part;
        }
        return value;
    }

    private static long octal(byte[] header, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && (header[at] == ' ' || header[at] == 0)) {
            at++;
        }
        long value = 0;
        for (; at < end && header[at] != ' ' && header[at] != 0; at++) {
            int digit = header[at] - '0';
            if (digit < 0 || digit > 7 || value >> 60 != 0) {
                return NONE;
            }
            value = value << 3 | digit;
        }
        return value;
    }

    /** Decimal digits and nothing else, up to the biggest long. */
    static long decimal(byte[] text, int start, int end) {
        if (start == end) {
            return NONE;
        }
        long value = 0;
        for (int at = start; at < end; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return NONE;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Seconds with a sign and a fraction, such as -1.5; digits after the ninth are dropped. */
    static @Nullable Time time(byte[] text) {
        boolean negative = text.length > 0 && text[0] == '-';
        int start = negative ? 1 : 0;
        int dot = start;
        while (dot < text.length && text[dot] != '.') {
            dot++;
        }
        long seconds = decimal(text, start, dot);
        if (seconds == NONE) {
            return null;
        }
        int nanos = 0;
        int digits = 0;
        for (int at = dot + 1; at < text.length; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            if (digits < NANO_DIGITS) {
                nanos = nanos * 10 + digit;
                digits++;
            }
        }
        for (; digits < NANO_DIGITS; digits++) {
            nanos *= 10;
        }
        if (!negative) {
            return new Time(seconds, nanos);
        }
        return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
    }
}
