package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;

/** The filter "until" of a prune: a time, seconds since 1970, or a duration before now. */
final class Until {
    private Until() {}

    /** Now when there is none. */
    static Instant of(Filters filters) {
        List<String> texts = filters.all("until");
        if (texts.isEmpty()) {
            return Instant.now();
        } else if (texts.size() > 1) {
            throw new Failure.Invalid("more than one until filter specified");
        }
        String text = texts.getFirst();
        try {
            if (text.indexOf('T') > 0) {
                return OffsetDateTime.parse(text).toInstant();
            } else if (text.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.')) {
                int point = text.indexOf('.');
                return Instant.ofEpochSecond(
                        Long.parseLong(point < 0 ? text : text.substring(0, point)));
            }
            return Instant.now().minus(Duration.parse("PT" + text.toUpperCase(Locale.ROOT)));
        } catch (DateTimeException | NumberFormatException _) {
            throw new Failure.Invalid(
                    "failed to parse value as time or duration: \"" + Printable.of(text) + "\"");
        }
    }
}
