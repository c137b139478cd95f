package dev.rung.host.systemd;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values written as text, in the form that GVariant prints ("GVariant Text Format") and runc takes
 * for properties in annotations: 'text', 42, uint64 42, @t 42, true, ['a', 'b'], {'key': 1}, <1>,
 * b'bytes'.
 */
final class ValueText {
    private static final int DEEPEST = 16;

    private final String text;
    private int at;

    private ValueText(String text) {
        this.text = text;
    }

    /** The value; Invalid for a text that is none, saying why. */
    static Value read(String text) {
        var reader = new ValueText(text);
        Value value = reader.value("", 0);
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.wrong("something follows the value");
        }
        return value;
    }

    /** A value of the type; of whatever it looks like when that is empty. */
    private Value value(String type, int depth) {
        if (depth > DEEPEST) {
            throw wrong("too deep");
        }
        blanks();
        if (at == text.length()) {
            throw wrong("a value is missing");
        }
        return switch (text.charAt(at)) {
            case '@' -> typed(type, depth);
            case '\'', '"' -> words(type);
            case '[' -> items(type, depth);
            case '{' -> entries(type, depth);
            case '<' -> {
                at++;
                Value inner = value("", depth + 1);
                expect('>');
                yield checked(type, new Value.Boxed(inner));
            }
            default -> word(type, depth);
        };
    }

    /** A value behind its type, such as {@code @t 7}. */
    private Value typed(String outer, int depth) {
        int from = ++at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        String type = text.substring(from, at);
        if (type.isEmpty() || !isOneType(type)) {
            throw wrong("no type: " + type);
        }
        Value value = value(type, depth + 1);
        return checked(outer, value);
    }

    private static boolean isOneType(String type) {
        for (int i = 0; i < type.length(); i++) {
            if ("ybnqiuxtdsogav(){}".indexOf(type.charAt(i)) < 0) {
                return false;
            }
        }
        try {
            return ValueReader.end(type, 0) == type.length();
        } catch (Failure.Corrupt _) {
            return false;
        }
    }

    /** A keyword, a number, or bytes. */
    private Value word(String type, int depth) {
        int from = at;
        while (at < text.length() && isOfWord(text.charAt(at))) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("b") && at < text.length() && "'\"".indexOf(text.charAt(at)) >= 0) {
            byte[] utf8 = quoted().getBytes(StandardCharsets.UTF_8);
            return checked(type, Value.bytes(Arrays.copyOf(utf8, utf8.length + 1)));
        }
        String named =
                switch (word) {
                    case "boolean" -> "b";
                    case "byte" -> "y";
                    case "int16" -> "n";
                    case "uint16" -> "q";
                    case "int32", "handle" -> "i";
                    case "uint32" -> "u";
                    case "int64" -> "x";
                    case "uint64" -> "t";
                    case "double" -> "d";
                    case "string" -> "s";
                    case "objectpath" -> "o";
                    case "signature" -> "g";
                    default -> "";
                };
        if (!named.isEmpty()) {
            return checked(type, value(named, depth + 1));
        } else if (word.equals("true") || word.equals("false")) {
            return checked(type, new Value.Flag(word.equals("true")));
        }
        return number(type, word);
    }

    private static boolean isOfWord(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || "+-._".indexOf(c) >= 0;
    }

    private Value number(String type, String word) {
        boolean whole = word.matches("[+-]?(0x[0-9a-fA-F]+|[0-9]+)");
        String wanted = type.isEmpty() ? whole ? "i" : "d" : type;
        try {
            if (wanted.equals("d")) {
                return new Value.Real(Double.parseDouble(word));
            } else if (whole && wanted.length() == 1 && "ynqiuxt".contains(wanted)) {
                return whole(wanted.charAt(0), word);
            }
        } catch (NumberFormatException e) {
            throw wrong("no number: " + word);
        }
        throw wrong(type.isEmpty() ? "no value: " + word : "not of type " + type + ": " + word);
    }

    private Value whole(char type, String word) {
        boolean negative = word.startsWith("-");
        String digits = negative || word.startsWith("+") ? word.substring(1) : word;
        int base = digits.startsWith("0x") ? 16 : digits.startsWith("0") ? 8 : 10;
        String sign = negative ? "-" : "";
        var value = new BigInteger(sign + (base == 16 ? digits.substring(2) : digits), base);
        int bits = new Value.Whole(type, 0).size() * 8;
        boolean signed = "nix".indexOf(type) >= 0;
        boolean fits =
                signed
                        ? value.bitLength() < bits
                        : value.signum() >= 0 && value.bitLength() <= bits;
        if (!fits) {
            throw wrong("out of range: " + word);
        }
        return new Value.Whole(type, value.longValue());
    }

    private Value words(String type) {
        String words = quoted();
        if (type.isEmpty()) {
            return Value.text(words);
        } else if (type.equals("s") || type.equals("o") || type.equals("g")) {
            return new Value.Words(type.charAt(0), words);
        }
        throw wrong("not of type " + type + ": a text");
    }

    private String quoted() {
        char quote = text.charAt(at++);
        var words = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            if (c == '\\' && at < text.length()) {
                c = text.charAt(at++);
                c =
                        switch (c) {
                            case 'a' -> '\u0007';
                            case 'b' -> '\b';
                            case 'f' -> '\f';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            case 't' -> '\t';
                            case 'v' -> '\u000b';
                            default -> c;
                        };
            }
            words.append(c);
        }
        expect(quote);
        if (words.indexOf("\0") >= 0) {
            throw wrong("a text with a NUL");
        }
        return words.toString();
    }

    private Value items(String type, int depth) {
        if (!type.isEmpty() && !type.startsWith("a")) {
            throw wrong("not of type " + type + ": an array");
        }
        at++;
        String element = type.isEmpty() ? "" : type.substring(1);
        var values = new ArrayList<Value>();
        until(
                ']',
                () -> {
                    values.add(
                            value(
                                    values.isEmpty() ? element : values.getFirst().signature(),
                                    depth + 1));
                });
        return array(element, values);
    }

    private Value entries(String type, int depth) {
        if (!type.isEmpty() && !type.startsWith("a{")) {
            throw wrong("not of type " + type + ": a dictionary");
        }
        at++;
        String key = type.isEmpty() ? "" : type.substring(2, ValueReader.end(type, 2));
        String entry = type.isEmpty() ? "" : type.substring(2 + key.length(), type.length() - 1);
        var values = new ArrayList<Value>();
        until(
                '}',
                () -> {
                    Value name = value(key, depth + 1);
                    expect(':');
                    values.add(new Value.Entry(name, value(entry, depth + 1)));
                });
        return array(type.isEmpty() ? "" : type.substring(1), values);
    }

    private Value array(String element, List<Value> values) {
        if (values.isEmpty() && element.isEmpty()) {
            throw wrong("the type of an empty array is unknown");
        }
        String first = values.isEmpty() ? element : values.getFirst().signature();
        for (Value value : values) {
            if (!value.signature().equals(first)) {
                throw wrong("an array of several types");
            }
        }
        return new Value.Items(first, values);
    }

    private void until(char end, Runnable one) {
        blanks();
        while (at < text.length() && text.charAt(at) != end) {
            one.run();
            blanks();
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                blanks();
            } else {
                break;
            }
        }
        expect(end);
    }

    private void expect(char wanted) {
        blanks();
        if (at == text.length() || text.charAt(at) != wanted) {
            throw wrong("want " + wanted);
        }
        at++;
    }

    private Value checked(String type, Value value) {
        if (!type.isEmpty() && !value.signature().equals(type)) {
            throw wrong("not of type " + type);
        }
        return value;
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private Failure.Invalid wrong(String why) {
        return new Failure.Invalid(Printable.of(why) + " at character " + (at + 1));
    }
}
