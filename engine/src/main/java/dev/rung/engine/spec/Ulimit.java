package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;

/**
 * A resource limit of the process (setrlimit(2)).
 *
 * @param name in lower case, without RLIMIT_
 * @param soft -1: unlimited
 * @param hard -1: unlimited
 */
public record Ulimit(String name, long soft, long hard) {
    private static final List<String> NAMES =
            List.of(
                    "core",
                    "cpu",
                    "data",
                    "fsize",
                    "locks",
                    "memlock",
                    "msgqueue",
                    "nice",
                    "nofile",
                    "nproc",
                    "rss",
                    "rtprio",
                    "rttime",
                    "sigpending",
                    "stack");

    public Ulimit {
        if (!NAMES.contains(name)) {
            throw new Failure.Invalid("invalid ulimit type: " + Printable.of(name));
        }
        if (hard != -1 && (soft == -1 || soft > hard)) {
            throw new Failure.Invalid(
                    "ulimit soft limit must be less than or equal to hard limit: "
                            + soft
                            + " > "
                            + hard);
        }
    }

    /** A limit as {@code --ulimit} writes it: NAME=SOFT[:HARD]. */
    public static Ulimit parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new Failure.Invalid("invalid ulimit argument: " + Printable.of(text));
        }
        String values = text.substring(equals + 1);
        int colon = values.indexOf(':');
        try {
            long soft = Long.parseLong(colon < 0 ? values : values.substring(0, colon));
            long hard = colon < 0 ? soft : Long.parseLong(values.substring(colon + 1));
            return new Ulimit(text.substring(0, equals), soft, hard);
        } catch (NumberFormatException _) {
            throw new Failure.Invalid("invalid ulimit argument: " + Printable.of(text));
        }
    }

    static Ulimit read(JsonFields fields) {
        return new Ulimit(
                fields.text("Name"),
                fields.integer("Soft", -1, Long.MAX_VALUE),
                fields.integer("Hard", -1, Long.MAX_VALUE));
    }

    void write(JsonWriter to) {
        to.beginObject().field("Name", name).field("Hard", hard).field("Soft", soft).endObject();
    }
}
