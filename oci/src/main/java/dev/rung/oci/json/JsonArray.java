package dev.rung.oci.json;

import java.util.List;

/** Values in their order. */
public record JsonArray(List<Json> values) implements Json {
    public JsonArray {
        values = List.copyOf(values);
    }

    @Override
    public String kind() {
        return "an array";
    }
}
