package dev.rung.oci.json;

import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One pass over the bytes by recursive descent; the depth is bounded, so the stack is too. */
final class JsonParser {
    private static final JsonArray EMPTY_ARRAY = new JsonArray(java.util.List.of());

    private final String file;
    private final byte[] text;
    private final boolean unique; // whether an object may have each name once only
    private int at;
    private int depth;
    private int count;

    // Fields and elements of the values being read, one above the other as on a stack.
    private String[] names = new String[32];
    private Json[] values = new Json[32];
    private int top;

    // Names repeat a lot (names, action, args): each is made once and found by a cheap hash.
    private final String[] seen = new String[64];

    JsonParser(String file, byte[] text, boolean unique) {
        this.file = file;
        this.text = text;
        this.unique = unique;
    }

    Json document() {
        if (text.length > Json.LARGEST) {
            throw new Failure.Invalid(
                    "%s: %d bytes of JSON, want at most %d"
                            .formatted(file, text.length, Json.LARGEST));
        }
        if (text.length >= 3
                && text[0] == (byte) 0xef
                && text[1] == (byte) 0xbb
                && text[2] == (byte) 0xbf) {
            throw wrong("want JSON without a byte order mark");
        }
        skipBlanks();
        Json value = value();
        skipBlanks();
        if (at < text.length) {
            throw wrong("want the end of the file, got " + here());
        }
        return value;
    }

    private Json value() {
        if (++count > Json.MOST_VALUES) {
            throw wrong("want at most " + Json.MOST_VALUES + " values");
        }
        if (at == text.length) {
            throw wrong("want a value, got the end of the file");
        }
        byte first = text[at];
        if (first == '"') {
            return new JsonString(string());
        }
        if (first == '{') {
            return object();
        }
        if (first == '[') {
            return array();
        }
        if (first == '-' || first >= '0' && first <= '9') {
            return number();
        }
        if (first == 't') {
            literal("true");
            return JsonBoolean.TRUE;
        }
        if (first == 'f') {
            literal("false");
            return JsonBoolean.FALSE;
        }
        if (first == 'n') {
            literal("null");
            return JsonNull.NULL;
        }
        throw wrong("want a value, got " + here());
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i == text.length || text[at + i] != word.charAt(i)) {
                at = Math.min(at + i, text.length);
                throw wrong("want " + word + ", got " + here());
            }
        }
        at += word.length();
    }

    private JsonObject object() {
        descend();
        at++;
        int from = top;
        skipBlanks();
        if (peek() == '}') {
            at++;
        } else {
            while (true) {
                if (peek() != '"') {
                    throw wrong("want the name of a field in quotes, got " + here());
                }
                String name = name();
                skipBlanks();
                if (peek() != ':') {
                    throw wrong("want \":\" after the name of a field, got " + here());
                }
                at++;
                skipBlanks();
                Json value = value();
                if (top == values.length) {
                    grow();
                }
                names[top] = name;
                values[top++] = value;
                skipBlanks();
                int next = peek();
                if (next == '}') {
                    at++;
                    break;
                }
                if (next != ',') {
                    throw wrong("want \",\" or \"}\" after a field, got " + here());
                }
                at++;
                skipBlanks();
            }
        }
        depth--;
        var object = JsonObject.of(names, values, from, top);
        if (unique && object.size() < top - from) {
            throw wrong("want each name once in an object that ends here");
        }
        top = from;
        return object;
    }

    private JsonArray array() {
        descend();
        at++;
        int from = top;
        skipBlanks();
        if (peek() == ']') {
            at++;
            depth--;
            return EMPTY_ARRAY;
        }
        while (true) {
            Json value = value();
            if (top == values.length) {
                grow();
            }
            values[top++] = value;
            skipBlanks();
            int next = peek();
            if (next == ']') {
                at++;
                break;
            }
            if (next != ',') {
                throw wrong("want \",\" or \"]\" after an element, got " + here());
            }
            at++;
            skipBlanks();
        }
        depth--;
        var array = new JsonArray(Arrays.asList(values).subList(from, top));
        top = from;
        return array;
    }

    private void descend() {
        if (++depth > Json.DEEPEST) {
            throw wrong("want arrays and objects nested at most " + Json.DEEPEST + " deep");
        }
    }

    private void grow() {
        names = Arrays.copyOf(names, top * 2);
        values = Arrays.copyOf(values, top * 2);
    }

    private JsonNumber number() {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new JsonNumber(new String(text, from, at - from, StandardCharsets.ISO_8859_1));
    }

    private void digits() {
        if (peek() < '0' || peek() > '9') {
            throw wrong("want a digit, got " + here());
        }
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
    }

    private String name() {
        int from = at + 1;
        int hash = 0;
        for (int i = from; i < text.length; i++) {
            byte b = text[i];
            if (b == '"') {
                int place = (hash ^ hash >>> 6) & seen.length - 1;
                String known = seen[place];
                if (known == null || !same(known, from, i)) {
                    known = new String(text, from, i - from, StandardCharsets.ISO_8859_1);
                    seen[place] = known;
                }
                at = i + 1;
                return known;
            }
            if (b < 0x20 || b == '\\') {
                break;
            }
            hash = hash * 31 + b;
        }
        return string();
    }

    private boolean same(String known, int from, int to) {
        if (known.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (known.charAt(i - from) != text[i]) {
                return false;
            }
        }
        return true;
    }

    private String string() {
        int from = ++at;
        int i = from;
        while (i < text.length) {
            byte b = text[i];
            if (b == '"') {
                at = i + 1;
                return new String(text, from, i - from, StandardCharsets.ISO_8859_1);
            }
            if (b < 0x20 || b == '\\') { // also what is not ASCII: bytes have a sign
                break;
            }
            i++;
        }
        var line = new StringBuilder(i - from + 32);
        for (int j = from; j < i; j++) {
            line.append((char) text[j]);
        }
        at = i;
        while (true) {
            int b = peek();
            if (b == '"') {
                at++;
                return line.toString();
            } else if (b == '\\') {
                escape(line);
            } else if (b >= 0x80) {
                character(line);
            } else if (b < 0) {
                throw wrong("want a quote at the end of a string, got the end of the file");
            } else if (b < 0x20) {
                throw wrong("want control characters in a string escaped, got " + here());
            } else {
                line.append((char) b);
                at++;
            }
        }
    }

    private void escape(StringBuilder line) {
        at++;
        switch (peek()) {
            case '"' -> line.append('"');
            case '\\' -> line.append('\\');
            case '/' -> line.append('/');
            case 'b' -> line.append('\b');
            case 'f' -> line.append('\f');
            case 'n' -> line.append('\n');
            case 'r' -> line.append('\r');
            case 't' -> line.append('\t');
            case 'u' -> {
                at++;
                char first = unit();
                if (!Character.isSurrogate(first)) {
                    line.append(first);
                    return;
                }
                int second = at;
                if (Character.isHighSurrogate(first)
                        && at + 6 <= text.length
                        && text[at] == '\\'
                        && text[at + 1] == 'u') {
                    at += 2;
                    char low = unit();
                    if (Character.isLowSurrogate(low)) {
                        line.append(first).append(low);
                        return;
                    }
                    at = second;
                }
                line.append('\ufffd');
                return;
            }
            default -> throw wrong("want one of \"\\/bfnrtu after a backslash, got " + here());
        }
        at++;
    }

    private char unit() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("want four hexadecimal digits, got " + here());
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    /** One character of two to four bytes (RFC 3629); any byte that begins none is U+FFFD. */
    private void character(StringBuilder line) {
        int first = peek();
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        int smallest = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
        int point = first & 0xff >> length + 1;
        boolean good = first >= 0xc2 && first <= 0xf4 && at + length <= text.length;
        for (int i = 1; good && i < length; i++) {
            good = (text[at + i] & 0xc0) == 0x80;
            point = point << 6 | text[at + i] & 0x3f;
        }
        good &= point >= smallest && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        line.appendCodePoint(good ? point : 0xfffd);
        at += good ? length : 1;
    }

    private void skipBlanks() {
        while (at < text.length) {
            byte b = text[at];
            if (b != ' ' && b != '\n' && b != '\t' && b != '\r') {
                return;
            }
            at++;
        }
    }

    /** The byte here, without a sign, or -1 at the end. */
    private int peek() {
        return at < text.length ? text[at] & 0xff : -1;
    }

    private String here() {
        int b = peek();
        if (b < 0) {
            return "the end of the file";
        }
        return b > 0x20 && b < 0x7f ? "'" + (char) b + "'" : "byte 0x%02x".formatted(b);
    }

    private Failure.Invalid wrong(String what) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < at && i < text.length; i++) {
            if (text[i] == '\n') {
                line++;
                column = 1;
            } else if ((text[i] & 0xc0) != 0x80) {
                column++;
            }
        }
        return new Failure.Invalid("%s:%d:%d: %s".formatted(file, line, column, what));
    }
}
