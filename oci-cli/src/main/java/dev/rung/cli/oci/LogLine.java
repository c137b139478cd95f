package dev.rung.cli.oci;

import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One entry of the log. The forms are those that docker, containerd and podman parse in runc's log:
 * fields level, msg and time (RFC 3339, in UTC), and what more there is.
 *
 * @param fields more fields, sorted by name
 */
record LogLine(Level level, Instant time, String message, SortedMap<String, String> fields) {
    enum Level {
        DEBUG("debug", "DEBU", 37),
        INFO("info", "INFO", 36),
        WARNING("warning", "WARN", 33),
        ERROR("error", "ERRO", 31);

        private final String word;
        private final String mark;
        private final int colour;

        Level(String word, String mark, int colour) {
            this.word = word;
            this.mark = mark;
            this.colour = colour;
        }
    }

    /** One JSON object, names in alphabetical order, and a line feed. */
    byte[] json() {
        var all = new TreeMap<>(fields);
        all.put("level", level.word);
        all.put("msg", message);
        all.put("time", seconds());
        var writer = JsonWriter.compact().beginObject();
        for (Map.Entry<String, String> field : all.entrySet()) {
            writer.field(field.getKey(), field.getValue());
        }
        return (new String(writer.endObject().bytes(), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** {@code time="…" level=error msg="…" key=value} and a line feed. */
    byte[] text() {
        var line = new StringBuilder(message.length() + 80);
        line.append("time=\"").append(seconds()).append("\" level=").append(level.word);
        line.append(" msg=").append(value(message));
        for (Map.Entry<String, String> field : fields.entrySet()) {
            line.append(' ').append(field.getKey()).append('=').append(value(field.getValue()));
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** For a person at a terminal. */
    byte[] terminal() {
        String begin = "\u001b[" + level.colour + "m";
        String end = "\u001b[0m";
        var line = new StringBuilder(message.length() + 80);
        line.append(begin).append(level.mark).append(end).append("[0000] ").append(message);
        for (Map.Entry<String, String> field : fields.entrySet()) {
            line.append(' ').append(begin).append(field.getKey()).append(end);
            line.append('=').append(value(field.getValue()));
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private String seconds() {
        return Instant.ofEpochSecond(time.getEpochSecond()).toString();
    }

    private static String value(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain =
                    c >= 'a' && c <= 'z'
                            || c >= 'A' && c <= 'Z'
                            || c >= '0' && c <= '9'
                            || "-._/@^+".indexOf(c) >= 0;
            if (!plain) {
                return GoSyntax.quoted(text);
            }
        }
        return text;
    }
}
