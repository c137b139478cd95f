package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.Locale;

/** Sizes as people write them: 64m, 1.5GiB, 1024. A unit is a power of 1024. */
public final class ByteSize {
    private static final String UNITS = "kmgtp";

    private ByteSize() {}

    /** The bytes. Invalid, in Docker's words, when it is no size. */
    public static long parse(String text) {
        String rest = text.strip().toLowerCase(Locale.ROOT);
        int end = rest.length();
        while (end > 0 && !isDigit(rest.charAt(end - 1))) {
            end--;
        }
        String unit = rest.substring(end).strip();
        if (unit.endsWith("b")) {
            unit = unit.substring(0, unit.length() - 1);
        }
        if (unit.endsWith("i")) {
            unit = unit.substring(0, unit.length() - 1);
        }
        int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
        try {
            if (unit.length() < 2 && (unit.isEmpty() || power > 0)) {
                double bytes = Double.parseDouble(rest.substring(0, end)) * (1L << 10 * power);
                if (bytes >= 0 && bytes < Long.MAX_VALUE) {
                    return (long) bytes;
                }
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid size: '" + Printable.of(text) + "'");
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9' || c == '.';
    }
}
