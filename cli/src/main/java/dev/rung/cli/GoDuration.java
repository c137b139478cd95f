package dev.rung.cli;

import dev.rung.domain.Printable;
import java.math.BigDecimal;

/** Durations as Go writes them: 1m30s, 500ms, 1.5h. */
final class GoDuration {
    private static final String[] UNITS = {"ns", "us", "µs", "ms", "s", "m", "h"};
    private static final long[] NANOS = {
        1, 1000, 1000, 1_000_000, 1_000_000_000, 60_000_000_000L, 3_600_000_000_000L
    };

    private GoDuration() {}

    /** Nanoseconds; not negative. */
    static long parse(String option, String text) {
        if (text.equals("0")) {
            return 0;
        }
        BigDecimal sum = BigDecimal.ZERO;
        int at = 0;
        try {
            while (at < text.length()) {
                int start = at;
                while (at < text.length() && "0123456789.".indexOf(text.charAt(at)) >= 0) {
                    at++;
                }
                var number = new BigDecimal(text.substring(start, at));
                int unit = at;
                while (at < text.length() && "0123456789.".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                sum = sum.add(number.multiply(nanos(text.substring(unit, at))));
            }
            if (at > 0) {
                return sum.longValueExact();
            }
        } catch (ArithmeticException | NumberFormatException _) {
            // told below
        }
        throw new UsageError(
                "invalid argument \""
                        + Printable.of(text)
                        + "\" for \""
                        + option
                        + "\" flag: time: invalid duration \""
                        + Printable.of(text)
                        + "\"");
    }

    private static BigDecimal nanos(String unit) {
        for (int i = 0; i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                return BigDecimal.valueOf(NANOS[i]);
            }
        }
        throw new NumberFormatException(unit);
    }
}
