package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.PluginSettings;
import dev.rung.nri.ValidatorSettings;
import dev.rung.oci.json.JsonFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of plug-ins of the node resource interface: the table {@code nri}. All that
 * is null is not said.
 */
public record PluginWishes(
        @Nullable Boolean enabled,
        @Nullable Boolean connections,
        @Nullable Path socket,
        @Nullable Path folder,
        @Nullable Path configurations,
        @Nullable Duration registration,
        @Nullable Duration request,
        @Nullable ValidatorSettings validator) {
    static final PluginWishes NONE =
            new PluginWishes(null, null, null, null, null, null, null, null);

    private static final String ENABLE = "enable";
    private static final String CONNECTIONS = "disable-connections";
    private static final String SOCKET = "socket-path";
    private static final String FOLDER = "plugin-path";
    private static final String CONFIGURATIONS = "plugin-config-path";
    private static final String REGISTRATION = "plugin-registration-timeout";
    private static final String REQUEST = "plugin-request-timeout";
    static final String VALIDATOR = "default-validator";
    private static final Set<String> KEYS =
            Set.of(
                    ENABLE,
                    CONNECTIONS,
                    SOCKET,
                    FOLDER,
                    CONFIGURATIONS,
                    REGISTRATION,
                    REQUEST,
                    VALIDATOR);
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m)");

    static PluginWishes read(JsonFields fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (!KEYS.contains(fields.name(i))) {
                throw fields.invalid(fields.name(i), "no such setting");
            }
        }
        Boolean closed = fields.optionalFlag(CONNECTIONS);
        JsonFields validator = fields.optionalObject(VALIDATOR);
        return new PluginWishes(
                fields.optionalFlag(ENABLE),
                closed == null ? null : (Boolean) !closed,
                path(fields, SOCKET),
                path(fields, FOLDER),
                path(fields, CONFIGURATIONS),
                time(REGISTRATION, fields.optionalText(REGISTRATION)),
                time(REQUEST, fields.optionalText(REQUEST)),
                validator == null ? null : ValidatorWords.read(validator));
    }

    private static @Nullable Path path(JsonFields fields, String key) {
        String text = fields.optionalText(key);
        Path path = text == null ? null : Path.of(text);
        if (path != null && !path.isAbsolute()) {
            throw fields.invalid(key, "want an absolute path");
        }
        return path;
    }

    /** Such as 5s; null and empty: not said. */
    static @Nullable Duration time(String key, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        Matcher parts = TIME.matcher(text);
        if (!parts.matches() || parts.group(1).matches("0+")) {
            throw new Failure.Invalid(
                    key + ": \"" + Printable.of(text) + "\": want a time such as 500ms or 5s");
        }
        long count = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            default -> Duration.ofMinutes(count);
        };
    }

    /** The same, and what it does not say as others say it. */
    PluginWishes or(PluginWishes others) {
        return new PluginWishes(
                enabled == null ? others.enabled : enabled,
                connections == null ? others.connections : connections,
                socket == null ? others.socket : socket,
                folder == null ? others.folder : folder,
                configurations == null ? others.configurations : configurations,
                registration == null ? others.registration : registration,
                request == null ? others.request : request,
                validator == null ? others.validator : validator);
    }

    /**
     * What comes of it.
     *
     * @param home of the engine: what a private one has of its own lies there
     */
    public PluginSettings settled(Path home) {
        boolean machines = home.equals(Path.of("/"));
        return new PluginSettings(
                !Boolean.FALSE.equals(enabled),
                !Boolean.FALSE.equals(connections),
                or(socket, machines ? PluginSettings.SOCKET : home.resolve("run/nri.sock")),
                or(folder, machines ? PluginSettings.FOLDER : home.resolve("lib/nri/plugins")),
                or(
                        configurations,
                        machines ? PluginSettings.CONFIGURATIONS : home.resolve("etc/nri/conf.d")),
                or(registration, PluginSettings.REGISTRATION),
                or(request, PluginSettings.REQUEST),
                or(validator, ValidatorSettings.NONE));
    }

    private static <T> T or(@Nullable T said, T usual) {
        return said == null ? usual : said;
    }

    /** The settings by their names, without the table that is in it. */
    Map<String, Object> written() {
        var all = new LinkedHashMap<String, Object>();
        put(all, ENABLE, enabled);
        put(all, CONNECTIONS, connections == null ? null : (Boolean) !connections);
        put(all, SOCKET, socket);
        put(all, FOLDER, folder);
        put(all, CONFIGURATIONS, configurations);
        put(all, REGISTRATION, registration == null ? null : registration.toMillis() + "ms");
        put(all, REQUEST, request == null ? null : request.toMillis() + "ms");
        return all;
    }

    private static void put(Map<String, Object> all, String key, @Nullable Object value) {
        if (value != null) {
            all.put(key, value);
        }
    }
}
