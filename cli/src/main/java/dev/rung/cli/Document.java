package dev.rung.cli;

import dev.rung.cli.template.GoTemplate;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
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

    /** With four blanks for each level, as docker's inspect. */
    static String indented(Consumer<JsonWriter> content) {
        var writer = JsonWriter.indented("    ");
        content.accept(writer);
        return new String(writer.bytes(), StandardCharsets.UTF_8) + "\n";
    }
}
