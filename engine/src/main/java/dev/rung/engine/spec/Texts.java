package dev.rung.engine.spec;

import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields of JSON as Docker writes them: null where there is nothing, sets as objects. */
final class Texts {
    private Texts() {}

    static String orEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    /** The names of an object's fields, whatever their values are. */
    static List<String> names(JsonFields fields, String name) {
        JsonFields object = fields.optionalObject(name);
        var names = new ArrayList<String>();
        for (int i = 0; object != null && i < object.size(); i++) {
            names.add(object.name(i));
        }
        return List.copyOf(names);
    }

    static void list(JsonWriter to, String name, @Nullable List<String> texts) {
        if (texts == null || texts.isEmpty()) {
            to.name(name).value(JsonNull.NULL);
        } else {
            to.field(name, texts);
        }
    }

    /** Names as an object of empty objects. */
    static void set(JsonWriter to, String name, List<String> names) {
        to.name(name);
        if (names.isEmpty()) {
            to.value(JsonNull.NULL);
            return;
        }
        to.beginObject();
        for (String each : names) {
            to.name(each).beginObject().endObject();
        }
        to.endObject();
    }

    static void map(JsonWriter to, String name, Map<String, String> texts) {
        to.name(name).beginObject();
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            to.field(entry.getKey(), entry.getValue());
        }
        to.endObject();
    }

    static void number(JsonWriter to, String name, @Nullable Long number) {
        if (number == null) {
            to.name(name).value(JsonNull.NULL);
        } else {
            to.field(name, number);
        }
    }
}
