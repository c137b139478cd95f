package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a container's output is kept, and where it is sent.
 *
 * @param driver json-file, local, none, syslog or journald; empty: the engine's own
 * @param options by Docker's names
 */
public record LogOptions(String driver, Map<String, String> options) {
    /**
     * Which form it has is the engine's matter: here it is the same as json-file's, and rotated.
     */
    private static final String LOCAL = "local";

    private static final String JSON_FILE = "json-file";
    private static final String NONE = "none";
    private static final String SYSLOG = "syslog";
    private static final String JOURNALD = "journald";

    private static final long LOCAL_BYTES = 20 << 20;
    private static final int LOCAL_FILES = 5;

    /** Those that there are beside none. */
    public static final List<String> DRIVERS = List.of(JOURNALD, JSON_FILE, LOCAL, SYSLOG);

    /** What each line can tell of its container. */
    private static final Set<String> COMMON =
            Set.of("labels", "labels-regex", "env", "env-regex", "tag");

    private static final Set<String> FILES = Set.of("max-size", "max-file", "compress");

    /** Of how lines are buffered, and what is kept here of those that are sent elsewhere. */
    private static final Set<String> EVERYWHERE =
            Set.of(
                    "mode",
                    "max-buffer-size",
                    "cache-disabled",
                    "cache-max-size",
                    "cache-max-file",
                    "cache-compress",
                    "cache-labels",
                    "cache-labels-regex",
                    "cache-env",
                    "cache-env-regex",
                    "cache-tag");

    private static final String NON_BLOCKING = "non-blocking";
    private static final Set<String> MODES = Set.of("", "blocking", NON_BLOCKING);

    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("", "0", "f", "F", "false", "FALSE", "False");

    public static final LogOptions DEFAULT = new LogOptions(JSON_FILE, Map.of());

    /** Invalid: there is no such driver, or it has no such option. Values are not looked at. */
    public LogOptions {
        if (!driver.isEmpty() && !isKnown(driver)) {
            throw new Failure.Invalid(
                    "logger: no log driver named '" + Printable.of(driver) + "' is registered");
        }
        for (String option : options.keySet()) {
            if (!driver.isEmpty() && !knows(driver, option)) {
                String named = driver.equals(LOCAL) ? "log driver local" : driver + " log driver";
                throw new Failure.Invalid(
                        "unknown log opt '" + Printable.of(option) + "' for " + named);
            }
        }
        options = Map.copyOf(options);
    }

    public static boolean isKnown(String driver) {
        return driver.equals(NONE) || DRIVERS.contains(driver);
    }

    private static boolean knows(String driver, String option) {
        return EVERYWHERE.contains(option)
                || switch (driver) {
                    case NONE -> true; // as in Docker
                    case SYSLOG -> COMMON.contains(option) || SyslogOptions.NAMES.contains(option);
                    case JOURNALD -> COMMON.contains(option);
                    default -> COMMON.contains(option) || FILES.contains(option);
                };
    }

    /** The same, once the values are what their options want; Invalid otherwise. */
    public LogOptions checked() {
        if (driver.equals(NONE)) {
            return this;
        }
        String mode = option("mode");
        if (!MODES.contains(mode)) {
            throw new Failure.Invalid("logger: logging mode not supported: " + Printable.of(mode));
        }
        String buffer = options.get("max-buffer-size");
        if (buffer != null && !mode.equals(NON_BLOCKING)) {
            throw new Failure.Invalid(
                    "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        } else if (buffer != null) {
            checkSize("max-buffer-size", buffer);
        }
        String disabled = option("cache-disabled");
        if (!TRUE.contains(disabled) && !FALSE.contains(disabled)) {
            throw new Failure.Invalid(
                    "invalid value for option cache-disabled: " + Printable.of(disabled));
        }
        mostBytes();
        mostFiles();
        pattern("labels-regex");
        pattern("env-regex");
        if (driver.equals(SYSLOG)) {
            SyslogOptions.read(options).checkSocket();
        }
        return this;
    }

    private static void checkSize(String option, String value) {
        try {
            ByteSize.parse(value);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid("error parsing option " + option + ": " + e.getMessage());
        }
    }

    /** What of them any driver takes from the engine's own: how much is kept here. */
    Map<String, String> cacheOptions() {
        var of = new TreeMap<String, String>(options);
        of.keySet().removeIf(name -> !name.startsWith("cache-"));
        return of;
    }

    /** Empty where it was not given. */
    public String option(String name) {
        return options.getOrDefault(name, "");
    }

    /** Whether the output goes to another place than a file here. */
    public boolean sends() {
        return driver.equals(SYSLOG) || driver.equals(JOURNALD);
    }

    public boolean isSyslog() {
        return driver.equals(SYSLOG);
    }

    /** Whether nothing is to be kept. */
    public boolean isNone() {
        return driver.equals(NONE);
    }

    /** Whether what was written can be read here. */
    public boolean isReadable() {
        return !isNone() && !(sends() && TRUE.contains(option("cache-disabled")));
    }

    /** Bytes after which a new file is begun, 0: never. */
    public long mostBytes() {
        String size = options.get(sends() ? "cache-max-size" : "max-size");
        if (size == null && (sends() || driver.equals(LOCAL))) {
            return LOCAL_BYTES;
        }
        return size == null || size.equals("-1") ? 0 : ByteSize.parse(size);
    }

    /** How many files there are at most, the one being written among them. */
    public int mostFiles() {
        String name = sends() ? "cache-max-file" : "max-file";
        boolean rotates = sends() || driver.equals(LOCAL);
        String files = options.getOrDefault(name, rotates ? Integer.toString(LOCAL_FILES) : "1");
        try {
            int count = Integer.parseInt(files);
            if (count > 0) {
                return count;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid("invalid value for \"" + name + "\": " + Printable.of(files));
    }

    /**
     * What each line tells of its container: labels and variables by their names.
     *
     * @param key what becomes of a name
     */
    public Map<String, String> attributes(ContainerConfig config, UnaryOperator<String> key) {
        var found = new TreeMap<String, String>();
        chosen("labels", config.labels(), key, found);
        var variables = new TreeMap<String, String>();
        for (String variable : config.env()) {
            int sign = variable.indexOf('=');
            if (sign > 0) {
                variables.put(variable.substring(0, sign), variable.substring(sign + 1));
            }
        }
        chosen("env", variables, key, found);
        return found;
    }

    private void chosen(
            String option,
            Map<String, String> from,
            UnaryOperator<String> key,
            Map<String, String> to) {
        for (String name : option(option).split(",")) {
            String value = from.get(name);
            if (value != null) {
                to.put(key.apply(name), value);
            }
        }
        Pattern pattern = pattern(option + "-regex");
        from.forEach((name, value) -> {
            if (pattern != null && pattern.matcher(name).find()) {
                to.put(key.apply(name), value);
            }
        });
    }

    /** Null where there is none. */
    private @Nullable Pattern pattern(String option) {
        String text = option(option);
        try {
            return text.isEmpty() ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid(
                    "error parsing regexp: "
                            + e.getDescription()
                            + ": `"
                            + Printable.of(text)
                            + "`");
        }
    }

    static LogOptions read(@Nullable JsonFields fields) {
        return fields == null
                ? new LogOptions("", Map.of())
                : new LogOptions(Texts.orEmpty(fields, "Type"), fields.textMap("Config"));
    }

    void write(JsonWriter to) {
        to.beginObject().field("Type", driver);
        Texts.map(to, "Config", options);
        to.endObject();
    }
}
