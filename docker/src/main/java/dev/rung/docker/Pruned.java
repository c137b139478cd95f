package dev.rung.docker;

import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.List;

/** What a prune tells that it has done. */
final class Pruned {
    private Pruned() {}

    static void write(JsonWriter json, String name, List<String> deleted, long bytes) {
        json.beginObject();
        names(json, name, deleted);
        json.field("SpaceReclaimed", bytes).endObject();
    }

    static void names(JsonWriter json, String name, List<String> deleted) {
        if (deleted.isEmpty()) {
            json.name(name).value(JsonNull.NULL);
        } else {
            json.field(name, deleted);
        }
    }
}
