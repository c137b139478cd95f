package dev.rung.oci.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as Go's encoder does, so that what other programs compare by bytes stays equal: the
 * same indentation, and less-than, greater-than, ampersand, U+2028 and U+2029 escaped. Fed from the
 * outside in:
 *
 * <pre>{@code
 * var writer = JsonWriter.compact();
 * writer.beginObject().field("id", id).field("pid", pid).endObject();
 * byte[] json = writer.bytes();
 * }</pre>
 *
 * The caller keeps the order; a name without a value is not noticed.
 */
public final class JsonWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final @Nullable String indent;
    private byte[] buffer = new byte[1024];
    private int size;
    private int depth;
    private boolean first = true; // nothing stands yet in the array or object being written
    private boolean named; // a name was written, its value comes next

    private JsonWriter(@Nullable String indent) {
        this.indent = indent;
    }

    /** All on one line, without blanks. */
    public static JsonWriter compact() {
        return new JsonWriter(null);
    }

    /** One field or element per line, each level further in by {@code indent}. */
    public static JsonWriter indented(String indent) {
        return new JsonWriter(indent);
    }

    /** What was written so far, in UTF-8, without a line feed at the end. */
    public byte[] bytes() {
        return Arrays.copyOf(buffer, size);
    }

    /** The same with a line feed at the end. */
    public byte[] asLine() {
        byte[] line = Arrays.copyOf(buffer, size + 1);
        line[size] = '\n';
        return line;
    }

    /** How many bytes were written so far. */
    public int position() {
        return size;
    }

    public JsonWriter beginObject() {
        return open('{');
    }

    public JsonWriter endObject() {
        return close('}');
    }

    public JsonWriter beginArray() {
        return open('[');
    }

    public JsonWriter endArray() {
        return close(']');
    }

    public JsonWriter name(String name) {
        separate();
        quoted(name);
        put(':');
        if (indent != null) {
            put(' ');
        }
        named = true;
        return this;
    }

    public JsonWriter value(String text) {
        separate();
        quoted(text);
        return this;
    }

    public JsonWriter value(long number) {
        separate();
        ascii(Long.toString(number));
        return this;
    }

    public JsonWriter value(boolean flag) {
        separate();
        ascii(flag ? "true" : "false");
        return this;
    }

    public JsonWriter value(Json json) {
        if (json instanceof JsonObject object) {
            beginObject();
            for (int i = 0; i < object.size(); i++) {
                name(object.name(i)).value(object.value(i));
            }
            return endObject();
        }
        if (json instanceof JsonArray array) {
            beginArray();
            for (Json element : array.values()) {
                value(element);
            }
            return endArray();
        }
        if (json instanceof JsonString text) {
            return value(text.value());
        }
        separate();
        if (json instanceof JsonBoolean flag) {
            ascii(flag.value() ? "true" : "false");
        } else {
            ascii(json == JsonNull.NULL ? "null" : json.toString());
        }
        return this;
    }

    public JsonWriter field(String name, String text) {
        return name(name).value(text);
    }

    public JsonWriter field(String name, long number) {
        return name(name).value(number);
    }

    public JsonWriter field(String name, boolean flag) {
        return name(name).value(flag);
    }

    /** Nothing at all when the text is null or empty. */
    public JsonWriter optional(String name, @Nullable String text) {
        return text == null || text.isEmpty() ? this : field(name, text);
    }

    /** Nothing at all when the flag is null. */
    public JsonWriter optional(String name, @Nullable Boolean flag) {
        return flag == null ? this : field(name, (boolean) flag);
    }

    /** An array of texts; nothing at all when the list is null or empty. */
    public JsonWriter optional(String name, @Nullable List<String> texts) {
        return texts == null || texts.isEmpty() ? this : field(name, texts);
    }

    /** An array of texts, empty or not. */
    public JsonWriter field(String name, List<String> texts) {
        name(name).beginArray();
        for (String text : texts) {
            value(text);
        }
        return endArray();
    }

    /** An object of texts in the order of the map; nothing at all when it is null or empty. */
    public JsonWriter optional(String name, @Nullable Map<String, String> texts) {
        if (texts == null || texts.isEmpty()) {
            return this;
        }
        name(name).beginObject();
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            field(entry.getKey(), entry.getValue());
        }
        return endObject();
    }

    /**
     * A field whose number is not known yet: blanks, as many as given, to be overwritten by digits
     * (blanks around a number are no part of it).
     *
     * @return where the blanks begin, in bytes
     */
    public int hole(String name, int width) {
        name(name);
        separate();
        int at = size;
        for (int i = 0; i < width; i++) {
            put(' ');
        }
        return at;
    }

    private JsonWriter open(char bracket) {
        separate();
        put(bracket);
        depth++;
        first = true;
        return this;
    }

    private JsonWriter close(char bracket) {
        depth--;
        if (!first) {
            line();
        }
        put(bracket);
        first = false;
        return this;
    }

    /** What stands between the value before and the one to come. */
    private void separate() {
        if (named) {
            named = false;
            return;
        }
        if (!first) {
            put(',');
        }
        if (depth > 0) {
            line();
        }
        first = false;
    }

    private void line() {
        if (indent != null) {
            put('\n');
            for (int i = 0; i < depth; i++) {
                ascii(indent);
            }
        }
    }

    private void quoted(String text) {
        put('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                i += wide(text, i);
            } else if (c == '"' || c == '\\') {
                put('\\');
                put(c);
            } else if (c >= 0x20 && c != '<' && c != '>' && c != '&') {
                put(c);
            } else {
                switch (c) {
                    case '\n' -> ascii("\\n");
                    case '\r' -> ascii("\\r");
                    case '\t' -> ascii("\\t");
                    case '\b' -> ascii("\\b");
                    case '\f' -> ascii("\\f");
                    default -> escaped(c);
                }
            }
        }
        put('"');
    }

    /** Writes one character beyond ASCII; how many chars it took besides the first. */
    private int wide(String text, int i) {
        int point = text.codePointAt(i);
        if (point == 0x2028 || point == 0x2029) {
            escaped(point);
        } else if (point >= 0xd800 && point <= 0xdfff) {
            escaped(0xfffd); // half of a pair
        } else if (point < 0x800) {
            put(0xc0 | point >> 6);
            put(0x80 | point & 0x3f);
        } else if (point < 0x10000) {
            put(0xe0 | point >> 12);
            put(0x80 | point >> 6 & 0x3f);
            put(0x80 | point & 0x3f);
        } else {
            put(0xf0 | point >> 18);
            put(0x80 | point >> 12 & 0x3f);
            put(0x80 | point >> 6 & 0x3f);
            put(0x80 | point & 0x3f);
        }
        return Character.charCount(point) - 1;
    }

    private void escaped(int unit) {
        ascii("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            put(HEX[unit >> shift & 0xf]);
        }
    }

    private void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            put(text.charAt(i));
        }
    }

    private void put(int b) {
        if (size == buffer.length) {
            buffer = Arrays.copyOf(buffer, size * 2);
        }
        buffer[size++] = (byte) b;
    }
}
