package dev.rung.tests.docker;

import dev.rung.testkit.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of an answer is the same each time.
 *
 * @param headers of which the value matters
 * @param types by place in the JSON: each type that was seen there; a boolean's is its value
 * @param message of a refusal; empty: none
 */
record Shape(
        int status, Map<String, String> headers, Map<String, Set<String>> types, String message) {
    private static final List<String> HEADERS =
            List.of(
                    "api-version",
                    "builder-version",
                    "cache-control",
                    "content-type",
                    "docker-experimental",
                    "ostype",
                    "pragma",
                    "swarm",
                    "x-docker-container-path-stat");
    private static final Pattern ID = Pattern.compile("\\b([0-9a-f]{64}|[0-9a-f]{12})\\b");

    static Shape of(SocketRequest.Answer answer) {
        var headers = new TreeMap<String, String>();
        for (String name : HEADERS) {
            String value = answer.headers().get(name);
            if (value != null) {
                headers.put(name, name.startsWith("x-") ? "" : value);
            }
        }
        var types = new TreeMap<String, Set<String>>();
        String message = "";
        if (answer.header("content-type").startsWith("application/json")) {
            List<@Nullable Object> values = values(answer.text());
            for (Object value : values) {
                collect(value, values.size() == 1 ? "" : "[]", types);
            }
            if (answer.status() >= 400
                    && !values.isEmpty()
                    && values.getFirst() instanceof Map<?, ?> refusal) {
                String said = String.valueOf(refusal.get("message"));
                message = ID.matcher(said).replaceAll("<id>");
            }
        }
        return new Shape(answer.status(), headers, types, message);
    }

    /** Some answers are one object a line. */
    private static List<@Nullable Object> values(String text) {
        var values = new ArrayList<@Nullable Object>();
        try {
            values.add(Json.read(text.strip()));
        } catch (IllegalArgumentException _) {
            text.lines()
                    .filter(line -> !line.isBlank())
                    .forEach(line -> values.add(Json.read(line)));
        }
        return values;
    }

    private static void collect(
            @Nullable Object value, String place, Map<String, Set<String>> types) {
        String type =
                switch (value) {
                    case null -> "null";
                    case Boolean flag -> flag.toString();
                    case Number _ -> "number";
                    case Map<?, ?> map -> {
                        map.forEach((key, each) ->
                                collect(each, place + "." + plain(String.valueOf(key)), types));
                        yield "object";
                    }
                    case List<?> list -> {
                        list.forEach(each -> collect(each, place + "[]", types));
                        yield "array";
                    }
                    default -> "string";
                };
        types.computeIfAbsent(place.isEmpty() ? "." : place, _ -> new TreeSet<>()).add(type);
    }

    private static String plain(String key) {
        return ID.matcher(key).replaceAll("<id>");
    }

    /** As one line. */
    String line() {
        var shown = new LinkedHashMap<String, @Nullable Object>();
        shown.put("status", status);
        shown.put("headers", headers);
        var texts = new TreeMap<String, String>();
        types.forEach((place, all) -> texts.put(place, String.join("|", all)));
        shown.put("types", texts);
        shown.put("message", message);
        return Json.write(shown);
    }

    @SuppressWarnings("unchecked") // as line() writes it
    static Shape read(String line) {
        Map<String, @Nullable Object> shown = Json.readObject(line);
        var types = new TreeMap<String, Set<String>>();
        var texts = (Map<String, String>) shown.get("types");
        if (texts != null) {
            texts.forEach(
                    (place, all) -> types.put(place, new TreeSet<>(List.of(all.split("\\|")))));
        }
        var headers = (Map<String, String>) shown.get("headers");
        return new Shape(
                ((Number) java.util.Objects.requireNonNull(shown.get("status"))).intValue(),
                headers == null ? Map.of() : headers,
                types,
                String.valueOf(shown.get("message")));
    }

    /** Where the other one is different from this one. */
    void differences(String request, Shape other, List<Difference> to) {
        if (status != other.status) {
            to.add(new Difference(request, "status", status + " / " + other.status));
            return;
        }
        for (String name : HEADERS) {
            String own = headers.getOrDefault(name, "none");
            String theirs = other.headers.getOrDefault(name, "none");
            if (!own.equals(theirs)) {
                to.add(new Difference(request, name, own + " / " + theirs));
            }
        }
        if (!message.equals(other.message)) {
            to.add(new Difference(request, "message", message + " / " + other.message));
        }
        var places = new TreeSet<>(types.keySet());
        places.addAll(other.types.keySet());
        for (String place : places) {
            String own = text(types.get(place));
            String theirs = text(other.types.get(place));
            // what lies below something that is missing, or is another thing, is told with that
            if (!own.equals(theirs)
                    && (!own.equals("none") && !theirs.equals("none")
                            || hasBoth(parent(place), other))) {
                to.add(new Difference(request, place, own + " / " + theirs));
            }
        }
    }

    private boolean hasBoth(String place, Shape other) {
        return types.containsKey(place) && other.types.containsKey(place);
    }

    private static String parent(String place) {
        int end = place.endsWith("[]") ? place.length() - 2 : place.lastIndexOf('.');
        return end <= 0 ? "." : place.substring(0, end);
    }

    private static String text(@Nullable Set<String> all) {
        return all == null ? "none" : String.join("|", all);
    }
}
