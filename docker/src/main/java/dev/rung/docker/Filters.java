package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonBoolean;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which things are wanted: of values with the same name one must fit, and all names. In JSON {@code
 * {"name":{"value":true}}}, or as clients before 1.22 write it, {@code {"name":["value"]}}.
 */
record Filters(Map<String, List<String>> wanted) {
    static Filters parse(String text) {
        if (text.isEmpty()) {
            return new Filters(Map.of());
        }
        var wanted = new LinkedHashMap<String, List<String>>();
        try {
            if (!(Json.read("filters", text.getBytes(StandardCharsets.UTF_8))
                    instanceof JsonObject object)) {
                throw new Failure.Invalid("no object");
            }
            for (int i = 0; i < object.size(); i++) {
                wanted.put(object.name(i), values(object.value(i)));
            }
        } catch (Failure.Invalid _) {
            throw new Failure.Invalid("invalid filter");
        }
        return new Filters(wanted);
    }

    private static List<String> values(Json json) {
        var values = new ArrayList<String>();
        switch (json) {
            case JsonObject object -> {
                for (int i = 0; i < object.size(); i++) {
                    if (object.value(i) instanceof JsonBoolean flag && flag.value()) {
                        values.add(object.name(i));
                    }
                }
            }
            case JsonArray array -> {
                for (Json each : array.values()) {
                    if (!(each instanceof JsonString string)) {
                        throw new Failure.Invalid("no text");
                    }
                    values.add(string.value());
                }
            }
            default -> throw new Failure.Invalid("neither object nor array");
        }
        return List.copyOf(values);
    }

    /** Invalid, in Docker's words, when there is another one. */
    Filters check(Set<String> known) {
        for (String name : wanted.keySet()) {
            if (!known.contains(name)) {
                throw new Failure.Invalid("invalid filter '" + Printable.of(name) + "'");
            }
        }
        return this;
    }

    boolean has(String name) {
        return !all(name).isEmpty();
    }

    List<String> all(String name) {
        return wanted.getOrDefault(name, List.of());
    }

    /** Whether one of the values of that name fits, or there is none. */
    boolean fits(String name, Predicate<String> fits) {
        List<String> values = all(name);
        return values.isEmpty() || values.stream().anyMatch(fits);
    }

    /** Whether all of the values of that name fit. */
    private boolean fitsAll(String name, Predicate<String> fits) {
        return all(name).stream().allMatch(fits);
    }

    /** By label and label!, which want KEY or KEY=VALUE. */
    boolean fitsLabels(Map<String, String> labels) {
        return fitsAll("label", wish -> has(labels, wish))
                && fitsAll("label!", wish -> !has(labels, wish));
    }

    private static boolean has(Map<String, String> labels, String wish) {
        int equals = wish.indexOf('=');
        String value = labels.get(equals < 0 ? wish : wish.substring(0, equals));
        return value != null && (equals < 0 || value.equals(wish.substring(equals + 1)));
    }

    /** The only value of a switch such as dangling. */
    boolean flag(String name, boolean absent) {
        List<String> values = all(name);
        if (values.isEmpty()) {
            return absent;
        }
        return switch (values.getFirst()) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default ->
                    throw new Failure.Invalid(
                            "invalid filter '"
                                    + name
                                    + "="
                                    + Printable.of(values.toString())
                                    + "'");
        };
    }
}
