package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a container's output is kept.
 *
 * @param driver json-file, local, or none; empty: the engine's own
 * @param options max-size, max-file, labels, env; of local max-size, max-file, compress
 */
public record LogOptions(String driver, Map<String, String> options) {
    /**
     * Which form it has is the engine's matter: here it is the same as json-file's, and rotated.
     */
    private static final String LOCAL = "local";

    private static final long LOCAL_BYTES = 20 << 20;
    private static final int LOCAL_FILES = 5;

    /** Those that there are. */
    public static final List<String> DRIVERS = List.of("json-file", LOCAL, "none");

    private static final Set<String> NAMES = Set.of("max-size", "max-file", "labels", "env");
    private static final Set<String> LOCAL_NAMES = Set.of("max-size", "max-file", "compress");

    public static final LogOptions DEFAULT = new LogOptions("json-file", Map.of());

    public LogOptions {
        if (!driver.isEmpty() && !DRIVERS.contains(driver)) {
            throw new Failure.Invalid(
                    "logger: no log driver named '" + Printable.of(driver) + "' is registered");
        }
        for (String option : options.keySet()) {
            if (!(driver.equals(LOCAL) ? LOCAL_NAMES : NAMES).contains(option)) {
                throw new Failure.Invalid(
                        "unknown log opt '"
                                + Printable.of(option)
                                + "' for "
                                + driver
                                + " log driver");
            }
        }
        options = Map.copyOf(options);
    }

    /** Bytes after which a new file is begun, 0: never. */
    public long mostBytes() {
        String size = options.get("max-size");
        if (size == null && driver.equals(LOCAL)) {
            return LOCAL_BYTES;
        }
        return size == null || size.equals("-1") ? 0 : ByteSize.parse(size);
    }

    /** How many files there are at most, the one being written among them. */
    public int mostFiles() {
        String usual = driver.equals(LOCAL) ? Integer.toString(LOCAL_FILES) : "1";
        String files = options.getOrDefault("max-file", usual);
        try {
            int count = Integer.parseInt(files);
            if (count > 0) {
                return count;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid value for \"max-file\": " + Printable.of(files));
    }

    /**
     * What each line tells of its container: labels and variables by their names; empty: nothing.
     */
    public String attributes(ContainerConfig config) {
        var found = new TreeMap<String, String>();
        for (String name : names("labels")) {
            String value = config.labels().get(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        for (String name : names("env")) {
            for (String variable : config.env()) {
                if (variable.startsWith(name + "=")) {
                    found.put(name, variable.substring(name.length() + 1));
                }
            }
        }
        if (found.isEmpty()) {
            return "";
        }
        JsonWriter json = JsonWriter.compact().beginObject();
        found.forEach(json::field);
        return new String(json.endObject().bytes(), StandardCharsets.UTF_8);
    }

    private List<String> names(String option) {
        return List.of(options.getOrDefault(option, "").split(","));
    }

    static LogOptions read(@Nullable JsonFields fields) {
        if (fields == null) {
            return DEFAULT;
        }
        String driver = Texts.orEmpty(fields, "Type");
        return new LogOptions(driver.isEmpty() ? "json-file" : driver, fields.textMap("Config"));
    }

    void write(JsonWriter to) {
        to.beginObject().field("Type", driver);
        Texts.map(to, "Config", options);
        to.endObject();
    }
}
