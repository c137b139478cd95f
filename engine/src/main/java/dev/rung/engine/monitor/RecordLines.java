package dev.rung.engine.monitor;

import dev.rung.domain.Failure;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A monitor's record: lines of a key, a blank and a value. Keys of later versions are kept apart.
 */
final class RecordLines {
    private final String file;
    private final Map<String, String> values = new HashMap<>();

    /** The file is for messages. Corrupt when it is of a format that is not known. */
    RecordLines(String file, String text) {
        this.file = file;
        for (String line : text.split("\n")) {
            int blank = line.indexOf(' ');
            values.put(blank < 0 ? line : line.substring(0, blank), line.substring(blank + 1));
        }
        long format = number("format");
        if (format != 1) {
            throw new Failure.Unsupported(
                    "\"%s\" has format %d: this Rung knows format 1".formatted(file, format));
        }
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new Failure.Corrupt("\"%s\" lacks \"%s\"".formatted(file, key), null);
        }
        return value;
    }

    long number(String key) {
        try {
            return Long.parseLong(text(key));
        } catch (NumberFormatException e) {
            throw wrong(key, e);
        }
    }

    Instant moment(String key) {
        try {
            return Instant.parse(text(key));
        } catch (DateTimeException e) {
            throw wrong(key, e);
        }
    }

    private Failure.Corrupt wrong(String key, Exception cause) {
        return new Failure.Corrupt(
                "\"%s\" has a wrong \"%s\": \"%s\"".formatted(file, key, text(key)), cause);
    }
}
