package dev.rung.docker.shape;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Times as Docker writes them. */
final class Moments {
    private static final String NEVER = "0001-01-01T00:00:00Z";
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Moments() {}

    static String text(@Nullable Instant moment) {
        return moment == null ? NEVER : moment.toString();
    }

    /** Such as: 3 hours. */
    static String since(Duration time) {
        long seconds = Math.max(time.toSeconds(), 0);
        long hours = (seconds + HOUR / 2) / HOUR;
        if (seconds < 1) {
            return "Less than a second";
        } else if (seconds == 1) {
            return "1 second";
        } else if (seconds < MINUTE) {
            return seconds + " seconds";
        } else if (seconds < 2 * MINUTE) {
            return "About a minute";
        } else if (seconds < HOUR) {
            return seconds / MINUTE + " minutes";
        } else if (hours == 1) {
            return "About an hour";
        } else if (hours < 48) {
            return hours + " hours";
        } else if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        } else if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        } else if (hours < 24 * 365 * 2) {
            return hours / 24 / 30 + " months";
        }
        return seconds / (365 * DAY) + " years";
    }
}
