package dev.rung.engine.config;

import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonBoolean;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a config.json, in its own words, that were asked for when the container was made: a
 * JSON object whose fields take the place of those of the same name. Objects are merged field by
 * field, null takes a field away (as in RFC 7396). Of lists with a name for each element those of
 * the same name are replaced, or taken away by one with {@value #REMOVE}; hooks and rules for
 * devices are added to those there are.
 */
public final class ConfigPatch {
    /** The field, true, of an element that is to go. */
    public static final String REMOVE = "remove";

    /** The names of elements, by the list. */
    private static final Map<String, String> NAMED =
            Map.of(
                    "mounts", "destination",
                    "linux.devices", "path",
                    "linux.namespaces", "type",
                    "process.rlimits", "type");

    private static final Set<String> ADDED =
            Set.of(
                    "linux.resources.devices",
                    "hooks.prestart",
                    "hooks.createRuntime",
                    "hooks.createContainer",
                    "hooks.startContainer",
                    "hooks.poststart",
                    "hooks.poststop");

    /** What makes sense only as a whole. */
    private static final Set<String> WHOLE =
            Set.of(
                    "linux.seccomp",
                    "linux.memoryPolicy",
                    "process.scheduler",
                    "process.ioPriority");

    private ConfigPatch() {}

    /** The file's bytes after the changes. */
    static byte[] apply(byte[] config, String patch) {
        JsonObject before = JsonFields.read("config.json", config).json();
        byte[] changes = patch.getBytes(StandardCharsets.UTF_8);
        JsonObject after = merge("", before, JsonFields.read("patch", changes).json());
        if (after.get("mounts") instanceof JsonArray mounts) {
            after = after.with("mounts", sorted(mounts));
        }
        return JsonWriter.compact().value(after).bytes();
    }

    private static JsonObject merge(String path, JsonObject before, JsonObject patch) {
        JsonObject merged = before;
        for (int i = 0; i < patch.size(); i++) {
            String name = patch.name(i);
            Json value = patch.value(i);
            String at = path.isEmpty() ? name : path + "." + name;
            if (value instanceof JsonNull) {
                merged = merged.without(name);
            } else {
                merged = merged.with(name, merged(at, before.get(name), value));
            }
        }
        return merged;
    }

    private static Json merged(String path, @Nullable Json before, Json patch) {
        if (patch instanceof JsonObject changes && !WHOLE.contains(path)) {
            JsonObject old = before instanceof JsonObject there ? there : JsonObject.empty();
            return merge(path, old, changes);
        } else if (patch instanceof JsonArray more) {
            List<Json> old = before instanceof JsonArray there ? there.values() : List.of();
            if (ADDED.contains(path)) {
                var all = new ArrayList<>(old);
                all.addAll(more.values());
                return new JsonArray(all);
            }
            String name = NAMED.get(path);
            if (name != null) {
                return named(name, old, more.values());
            }
        }
        return patch;
    }

    private static JsonArray named(String name, List<Json> before, List<Json> changes) {
        var all = new LinkedHashMap<String, Json>();
        before.forEach(each -> all.put(text(each, name), each));
        for (Json change : changes) {
            boolean goes =
                    change instanceof JsonObject object
                            && object.get(REMOVE) instanceof JsonBoolean flag
                            && flag.value();
            all.remove(text(change, name));
            if (!goes) {
                all.put(text(change, name), change);
            }
        }
        return new JsonArray(List.copyOf(all.values()));
    }

    private static String text(Json element, String field) {
        return element instanceof JsonObject object && object.get(field) instanceof JsonString text
                ? text.value()
                : "";
    }

    /** What is mounted deeper comes later. */
    private static JsonArray sorted(JsonArray mounts) {
        var all = new ArrayList<>(mounts.values());
        all.sort(Comparator.comparingLong(mount -> depth(text(mount, "destination"))));
        return new JsonArray(all);
    }

    private static long depth(String path) {
        return Path.of(path).normalize().getNameCount();
    }
}
