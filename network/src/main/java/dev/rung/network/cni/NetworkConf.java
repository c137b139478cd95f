package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonBoolean;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A network as its administrator describes it (CNI specification, section 1): a name and the
 * plugins that make it, one after another.
 *
 * @param version of the specification, the highest that is both known and wanted
 * @param disableCheck whether attachments are never checked
 * @param disableGc whether what nobody uses is never collected
 * @param plugins their own configurations, at least one
 * @param json all of it
 */
public record NetworkConf(
        String name,
        String version,
        boolean disableCheck,
        boolean disableGc,
        List<JsonObject> plugins,
        JsonObject json) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

    public NetworkConf {
        plugins = List.copyOf(plugins);
    }

    /** Reads a list of plugins (.conflist). Invalid with file and key. */
    public static NetworkConf parse(String file, byte[] text) {
        return parse(JsonFields.read(file, text), List.of());
    }

    /** The same with plugins that stand in files of their own. */
    static NetworkConf parse(JsonFields fields, List<JsonObject> others) {
        var plugins = new ArrayList<JsonObject>();
        for (JsonFields plugin : fields.objects("plugins")) {
            plugins.add(checked(plugin));
        }
        plugins.addAll(others);
        if (plugins.isEmpty()) {
            throw fields.invalid("plugins", "want at least one plugin");
        }
        return new NetworkConf(
                name(fields),
                version(fields),
                flag(fields, "disableCheck"),
                flag(fields, "disableGC"),
                plugins,
                fields.json().with("plugins", new JsonArray(List.copyOf(plugins))));
    }

    /** Reads a single plugin (.conf), which makes a network by itself. */
    static NetworkConf parseSingle(JsonFields fields) {
        JsonObject plugin = checked(fields);
        JsonObject list =
                JsonObject.empty()
                        .with("name", new JsonString(name(fields)))
                        .with("cniVersion", new JsonString(version(fields)))
                        .with("plugins", new JsonArray(List.of(plugin)));
        return new NetworkConf(name(fields), version(fields), false, false, List.of(plugin), list);
    }

    /** Whether only plugins of the file itself make the network. */
    static boolean onlyInlined(JsonFields fields) {
        boolean only = flag(fields, "loadOnlyInlinedPlugins");
        if (only && !fields.has("plugins")) {
            throw fields.invalid("loadOnlyInlinedPlugins", "want no true without plugins");
        }
        return only;
    }

    static JsonObject checked(JsonFields plugin) {
        String type = plugin.text("type");
        if (type.indexOf('/') >= 0 || type.indexOf('\\') >= 0 || type.startsWith(".")) {
            throw plugin.invalid("type", "want a name without a slash, got " + Printable.of(type));
        }
        return plugin.json();
    }

    static String name(JsonFields fields) {
        String name = fields.text("name");
        if (!NAME.matcher(name).matches()) {
            throw fields.invalid("name", "want letters, digits, _, . and -");
        }
        return name;
    }

    /** Fails for what a container or a file cannot be called either. */
    static String checkedName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new Failure.Invalid(
                    "invalid %s \"%s\": want letters, digits, _, . and -"
                            .formatted(what, Printable.of(name)));
        }
        return name;
    }

    private static String version(JsonFields fields) {
        String single = ResultJson.text(fields, "cniVersion");
        List<String> wanted = new ArrayList<>(fields.texts("cniVersions"));
        if (wanted.isEmpty()) {
            return single;
        }
        wanted.add(single);
        CniVersion highest = null;
        for (CniVersion version : CniVersion.values()) {
            if (wanted.contains(version.toString())) {
                highest = version;
            }
        }
        return highest == null ? single : highest.toString();
    }

    /** A flag, which may be written as text. */
    private static boolean flag(JsonFields fields, String name) {
        if (!(fields.json().get(name) instanceof JsonString text)) {
            return fields.flag(name);
        }
        return switch (text.value().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw fields.invalid(name, "want true or false");
        };
    }

    /** What a caller may ask of at least one of the plugins, such as portMappings. */
    public Set<String> capabilities() {
        var all = new TreeSet<String>();
        for (JsonObject plugin : plugins) {
            all.addAll(capabilities(plugin));
        }
        return all;
    }

    static Set<String> capabilities(JsonObject plugin) {
        var all = new TreeSet<String>();
        if (plugin.get("capabilities") instanceof JsonObject given) {
            for (int i = 0; i < given.size(); i++) {
                Json wanted = given.value(i);
                if (wanted instanceof JsonBoolean flag && flag.value()) {
                    all.add(given.name(i));
                }
            }
        }
        return all;
    }
}
