package dev.rung.cli.show;

import java.time.Duration;
import java.util.Locale;

/** Durations and sizes in words. */
public final class Human {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final int HOURS_OF_TWO_WEEKS = 14 * 24;
    private static final int HOURS_OF_TWO_MONTHS = 60 * 24;
    private static final int HOURS_OF_TWO_YEARS = 2 * 365 * 24;

    private Human() {}

    /** Such as: About a minute, 3 weeks. */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return "Less than a second";
        } else if (seconds == 1) {
            return "1 second";
        } else if (seconds < 60) {
            return seconds + " seconds";
        }
        long minutes = duration.toMinutes();
        if (minutes == 1) {
            return "About a minute";
        } else if (minutes < 60) {
            return minutes + " minutes";
        }
        long hours = (minutes + 30) / 60;
        if (hours == 1) {
            return "About an hour";
        } else if (hours < 48) {
            return hours + " hours";
        } else if (hours < HOURS_OF_TWO_WEEKS) {
            return hours / 24 + " days";
        } else if (hours < HOURS_OF_TWO_MONTHS) {
            return hours / 24 / 7 + " weeks";
        } else if (hours < HOURS_OF_TWO_YEARS) {
            return hours / 24 / 30 + " months";
        }
        return hours / 24 / 365 + " years";
    }

    /** Four digits and a power of 1024, such as 1.984MiB. */
    public static String binarySize(long bytes) {
        double rest = (double) bytes;
        int unit = 0;
        while (rest >= 1024 && unit < BINARY_UNITS.length - 1) {
            rest /= 1024;
            unit++;
        }
        int before = rest >= 1000 ? 4 : rest >= 100 ? 3 : rest >= 10 ? 2 : 1;
        String digits = String.format(Locale.ROOT, "%." + (4 - before) + "f", rest);
        if (digits.indexOf('.') >= 0) {
            digits = digits.replaceAll("0+$", "").replaceAll("[.]$", "");
        }
        return digits + BINARY_UNITS[unit];
    }

    /** Three digits and a power of 1000, such as 1.98MB. */
    public static String size(long bytes) {
        double rest = bytes;
        int unit = 0;
        while (rest >= 1000 && unit < UNITS.length - 1) {
            rest /= 1000;
            unit++;
        }
        String digits =
                rest >= 100
                        ? String.format(Locale.ROOT, "%.0f", rest)
                        : rest >= 10
                                ? String.format(Locale.ROOT, "%.1f", rest)
                                : String.format(Locale.ROOT, "%.2f", rest);
        if (digits.indexOf('.') >= 0) {
            digits = digits.replaceAll("0+$", "").replaceAll("[.]$", "");
        }
        return digits + UNITS[unit];
    }
}
