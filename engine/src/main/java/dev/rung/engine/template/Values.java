package dev.rung.engine.template;

import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonBoolean;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonNumber;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as Go sees them. */
final class Values {
    /** What a map gives for a key that it does not have. */
    enum NoValue {
        OF_A_MAP;

        @Override
        public String toString() {
            return "<no value>";
        }
    }

    private Values() {}

    /** A field. Invalid when there is none of that name. */
    static Object field(JsonObject object, String name) {
        Json value = object.get(name);
        if (value == null) {
            throw GoTemplate.failed(
                    "executing at <." + name + ">: map has no entry for key \"" + name + "\"");
        }
        return value;
    }

    /** As %v prints it. */
    static String text(Object value) {
        return switch (value) {
            case JsonString text -> text.value();
            case JsonBoolean flag -> String.valueOf(flag.value());
            case JsonNull _ -> "<nil>";
            case JsonArray array -> list(array.values());
            case JsonObject object -> map(object);
            case List<?> list -> list(list);
            default -> value.toString();
        };
    }

    private static String list(List<?> values) {
        var text = new StringBuilder("[");
        for (Object each : values) {
            if (text.length() > 1) {
                text.append(' ');
            }
            text.append(text(each));
        }
        return text.append(']').toString();
    }

    private static String map(JsonObject object) {
        var names = new ArrayList<String>();
        for (int i = 0; i < object.size(); i++) {
            names.add(object.name(i));
        }
        names.sort(null);
        var text = new StringBuilder("map[");
        for (String name : names) {
            if (text.length() > 4) {
                text.append(' ');
            }
            text.append(name).append(':').append(text(field(object, name)));
        }
        return text.append(']').toString();
    }

    /** Whether it is something: neither false nor 0, nor empty. */
    static boolean holds(Object value) {
        return switch (value) {
            case JsonString text -> !text.value().isEmpty();
            case JsonBoolean flag -> flag.value();
            case JsonNull _ -> false;
            case JsonArray array -> !array.values().isEmpty();
            case JsonObject object -> object.size() > 0;
            case JsonNumber number -> !number.toString().equals("0");
            case String text -> !text.isEmpty();
            case Long number -> number != 0;
            case Boolean flag -> flag;
            case List<?> list -> !list.isEmpty();
            case NoValue _ -> false;
            default -> true;
        };
    }

    static String json(Object value) {
        var writer = JsonWriter.compact();
        write(writer, value);
        return new String(writer.bytes(), StandardCharsets.UTF_8);
    }

    private static void write(JsonWriter writer, Object value) {
        switch (value) {
            case Json json -> writer.value(json);
            case Long number -> writer.value((long) number);
            case Boolean flag -> writer.value((boolean) flag);
            case List<?> list -> {
                writer.beginArray();
                for (Object each : list) {
                    write(writer, each);
                }
                writer.endArray();
            }
            default -> writer.value(text(value));
        }
    }

    /** Numbers by value, everything else as text. */
    static int compare(Object a, Object b) {
        Long first = number(a);
        Long second = number(b);
        return first != null && second != null
                ? Long.compare(first, second)
                : text(a).compareTo(text(b));
    }

    static @Nullable Long number(Object value) {
        return switch (value) {
            case Long number -> number;
            case JsonNumber number -> number.asLong();
            default -> null;
        };
    }
}
