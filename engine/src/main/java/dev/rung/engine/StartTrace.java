package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the parts of a container's start took.
 *
 * @param began when the first of them did
 * @param steps of the program that made the container, 0 when its runtime has none
 * @param waitedNanos between its creation and its start, which parts leave out
 * @param parts in the order in which they began
 */
public record StartTrace(
        Instant began, String runtime, long steps, long waitedNanos, List<Part> parts) {
    private static final long FORMAT = 1;

    public StartTrace {
        parts = List.copyOf(parts);
    }

    /** Of what something is a part. */
    public enum Area {
        /** The creation: all that is done once. */
        CREATION,
        /** The start. */
        START,
        /** The start's part in which the runtime creates. */
        RUNTIME
    }

    /**
     * Something that took its time.
     *
     * @param name one word
     * @param detail empty when there is nothing to be added
     * @param fromNanos since the beginning of all
     * @param toNanos not before it began
     */
    public record Part(Area area, String name, String detail, long fromNanos, long toNanos) {}

    /** How long all of it took. */
    public long nanos() {
        long end = 0;
        for (Part part : parts) {
            end = Math.max(end, part.toNanos);
        }
        return end;
    }

    /** Corrupt when it is damaged. */
    static StartTrace read(String file, byte[] json) {
        try {
            JsonFields fields = JsonFields.read(file, json);
            fields.integer("format", FORMAT, FORMAT);
            var parts = new ArrayList<Part>();
            for (JsonFields part : fields.objects("parts")) {
                String detail = part.optionalText("detail");
                parts.add(
                        new Part(
                                Area.valueOf(part.text("area")),
                                part.text("name"),
                                detail == null ? "" : detail,
                                part.integer("from", 0, Long.MAX_VALUE),
                                part.integer("to", 0, Long.MAX_VALUE)));
            }
            return new StartTrace(
                    Instant.parse(fields.text("began")),
                    fields.text("runtime"),
                    fields.integer("steps", 0, Long.MAX_VALUE),
                    fields.integer("waited", 0, Long.MAX_VALUE),
                    parts);
        } catch (Failure.Invalid | DateTimeException | IllegalArgumentException e) {
            throw new Failure.Corrupt(file + ": damaged trace: " + e.getMessage(), e);
        }
    }

    byte[] json() {
        var to = JsonWriter.compact();
        to.beginObject()
                .field("format", FORMAT)
                .field("began", began.toString())
                .field("runtime", runtime)
                .field("steps", steps)
                .field("waited", waitedNanos)
                .name("parts")
                .beginArray();
        for (Part part : parts) {
            to.beginObject()
                    .field("area", part.area.name())
                    .field("name", part.name)
                    .optional("detail", part.detail.isEmpty() ? null : part.detail)
                    .field("from", part.fromNanos)
                    .field("to", part.toNanos)
                    .endObject();
        }
        return to.endArray().endObject().bytes();
    }
}
