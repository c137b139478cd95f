package dev.rung.cli;

import dev.rung.engine.template.GoTemplate;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** One JSON object that a command shows. */
final class Document {
    private Document() {}

    static JsonObject of(Consumer<JsonWriter> content) {
        var writer = JsonWriter.compact();
        content.accept(writer);
        return (JsonObject) Json.read("document", writer.bytes());
    }

    /** By a template, or as JSON. */
    static String formatted(JsonObject document, String format) {
        String template = format.equals("json") ? "{{json .}}" : format;
        return GoTemplate.parse(template).of(document) + "\n";
    }

    /** An array of all, or each by a template when the format is not empty. */
    static String all(List<Consumer<JsonWriter>> documents, String format) {
        if (format.isEmpty()) {
            return indented(json -> {
                json.beginArray();
                for (Consumer<JsonWriter> document : documents) {
                    document.accept(json);
                }
                json.endArray();
            });
        }
        var text = new StringBuilder();
        for (Consumer<JsonWriter> document : documents) {
            text.append(formatted(of(document), format));
        }
        return text.toString();
    }

    /** With four blanks for each level, as docker's inspect. */
    static String indented(Consumer<JsonWriter> content) {
        var writer = JsonWriter.indented("    ");
        content.accept(writer);
        return new String(writer.bytes(), StandardCharsets.UTF_8) + "\n";
    }
}
