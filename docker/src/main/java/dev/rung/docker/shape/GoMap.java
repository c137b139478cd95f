package dev.rung.docker.shape;

import dev.rung.oci.json.JsonWriter;
import java.util.Map;
import java.util.TreeMap;

/** Maps as Go's encoder writes them: in the order of their keys. */
final class GoMap {
    private GoMap() {}

    static void write(JsonWriter json, Map<String, String> texts) {
        json.beginObject();
        (texts.size() < 2 ? texts : new TreeMap<>(texts)).forEach(json::field);
        json.endObject();
    }
}
