package dev.rung.oci.json;

import org.jspecify.annotations.Nullable;

/**
 * A number as it was written, so that nothing is lost; it may be larger than any Java number. As
 * for Go, 1.0 and 1e3 are no integers.
 */
public final class JsonNumber implements Json {
    private final String text;

    /** The text follows the grammar of RFC 8259. */
    JsonNumber(String text) {
        this.text = text;
    }

    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /** The value, or null when this is no integer of 64 bits with a sign. */
    public @Nullable Long asLong() {
        boolean negative = text.charAt(0) == '-';
        int from = negative ? 1 : 0;
        if (text.length() - from > 19) {
            return null;
        }
        long value = 0; // below zero, where there is room for one more
        for (int i = from; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            value = value * 10 - digit;
        }
        if (value > 0) {
            return null; // 19 digits that need more than 64 bits come out on the other side
        }
        if (negative) {
            return value;
        }
        return value == Long.MIN_VALUE ? null : -value;
    }

    /**
     * The value in 64 bits without a sign (see {@link Long#toUnsignedString(long)}), or null when
     * this is no such integer.
     */
    public @Nullable Long asUnsignedLong() {
        if (text.charAt(0) == '-' || text.length() > 20) {
            return null;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            // only the twentieth digit can pass 2^64 - 1 = 18446744073709551615
            if (i == 19
                    && (Long.compareUnsigned(value, 1_844_674_407_370_955_161L) > 0
                            || value == 1_844_674_407_370_955_161L && digit > 5)) {
                return null;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    @Override
    public String kind() {
        return "a number";
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
