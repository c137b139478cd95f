package dev.rung.image.registry;

import dev.rung.domain.Failure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads TOML in one pass. */
final class TomlParser {
    private static final int LARGEST = 1 << 20;
    private static final int DEEPEST = 32;

    private final String file;
    private final String text;
    private final Set<TomlTable> defined = new HashSet<>(); // by identity: tables have no equals
    private int at;
    private int depth;

    TomlParser(String file, String text) {
        this.file = file;
        this.text = text;
    }

    TomlTable document() {
        if (text.length() > LARGEST) {
            throw new Failure.Invalid(file + ": want at most " + LARGEST + " characters");
        }
        var root = new TomlTable(file, "");
        TomlTable current = root;
        while (true) {
            skipBlankLines();
            if (at == text.length()) {
                return root;
            }
            if (here() == '[') {
                current = header(root);
            } else {
                entry(current);
            }
            endOfLine();
        }
    }

    private TomlTable header(TomlTable root) {
        at++;
        boolean array = at < text.length() && here() == '[';
        if (array) {
            at++;
        }
        List<String> path = path();
        want(']');
        if (array) {
            want(']');
        }
        TomlTable parent = root;
        for (String name : path.subList(0, path.size() - 1)) {
            parent = inner(parent, name);
        }
        if (array) {
            return append(parent, path.getLast());
        }
        TomlTable table = inner(parent, path.getLast());
        if (!defined.add(table)) {
            throw wrong("want each table once");
        }
        return table;
    }

    private TomlTable append(TomlTable parent, String name) {
        TomlTable table = parent.child(name);
        Object before = parent.values().get(name);
        var all = new ArrayList<Object>();
        if (before instanceof List<?> list && list.getFirst() instanceof TomlTable) {
            all.addAll(list);
        } else if (before != null) {
            throw wrong("want each key once");
        }
        all.add(table);
        parent.values().put(name, all);
        return table;
    }

    private TomlTable inner(TomlTable parent, String name) {
        Object before = parent.values().get(name);
        if (before instanceof TomlTable table) {
            return table;
        }
        if (before instanceof List<?> list
                && !list.isEmpty()
                && list.getLast() instanceof TomlTable table) {
            return table;
        }
        if (before != null) {
            throw wrong("want each key once");
        }
        TomlTable table = parent.child(name);
        parent.values().put(name, table);
        return table;
    }

    private void entry(TomlTable table) {
        List<String> path = path();
        want('=');
        skipBlanks();
        TomlTable parent = table;
        for (String name : path.subList(0, path.size() - 1)) {
            parent = inner(parent, name);
        }
        Object value = value(parent, path.getLast());
        if (parent.values().putIfAbsent(path.getLast(), value) != null) {
            throw wrong("want each key once");
        }
    }

    private List<String> path() {
        var path = new ArrayList<String>();
        while (true) {
            skipBlanks();
            path.add(key());
            skipBlanks();
            if (at == text.length() || here() != '.') {
                return path;
            }
            at++;
        }
    }

    private String key() {
        if (at < text.length() && (here() == '"' || here() == '\'')) {
            return string();
        }
        int from = at;
        while (at < text.length() && isBare(here())) {
            at++;
        }
        if (at == from) {
            throw wrong("want a key");
        }
        return text.substring(from, at);
    }

    private static boolean isBare(char c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || c == '_' || c == '-');
    }

    private Object value(TomlTable parent, String name) {
        if (at == text.length()) {
            throw wrong("want a value");
        }
        if (++depth > DEEPEST) {
            throw wrong("want less nesting");
        }
        Object value =
                switch (here()) {
                    case '"', '\'' -> string();
                    case '[' -> array(parent, name);
                    case '{' -> inlineTable(parent.child(name));
                    default -> word();
                };
        depth--;
        return value;
    }

    private List<Object> array(TomlTable parent, String name) {
        at++;
        var values = new ArrayList<Object>();
        while (true) {
            skipBlankLines();
            if (at < text.length() && here() == ']') {
                at++;
                return values;
            }
            values.add(value(parent, name));
            skipBlankLines();
            if (at < text.length() && here() == ',') {
                at++;
            } else if (at == text.length() || here() != ']') {
                throw wrong("want ',' or ']'");
            }
        }
    }

    private TomlTable inlineTable(TomlTable table) {
        at++;
        skipBlanks();
        if (at < text.length() && here() == '}') {
            at++;
            return table;
        }
        while (true) {
            entry(table);
            skipBlanks();
            if (at < text.length() && here() == ',') {
                at++;
            } else {
                want('}');
                return table;
            }
        }
    }

    private Object word() {
        int from = at;
        while (at < text.length() && (isBare(here()) || "+.:".indexOf(here()) >= 0)) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("true") || word.equals("false")) {
            return word.equals("true");
        }
        String digits = word.replace("_", "");
        try {
            if (digits.startsWith("0x")) {
                return Long.parseLong(digits.substring(2), 16);
            }
            if (digits.startsWith("0o")) {
                return Long.parseLong(digits.substring(2), 8);
            }
            if (digits.indexOf('.') >= 0 || digits.indexOf('e') > 0) {
                return Double.parseDouble(digits);
            }
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw wrong("want a value: a string, a number, true, false, an array or a table");
        }
    }

    private String string() {
        char quote = here();
        boolean basic = quote == '"';
        boolean lines = text.startsWith(String.valueOf(quote).repeat(3), at);
        at += lines ? 3 : 1;
        if (lines && at < text.length() && here() == '\r') {
            at++;
        }
        if (lines && at < text.length() && here() == '\n') {
            at++;
        }
        var value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (lines && text.startsWith(String.valueOf(quote).repeat(3), at)) {
                at += 3;
                return value.toString();
            }
            if (!lines && c == quote) {
                at++;
                return value.toString();
            }
            if (!lines && c == '\n') {
                break;
            }
            if (basic && c == '\\') {
                escape(value, lines);
            } else {
                value.append(c);
                at++;
            }
        }
        throw wrong("want the end of a string");
    }

    private void escape(StringBuilder value, boolean lines) {
        at++;
        if (at == text.length()) {
            throw wrong("want the end of a string");
        }
        char c = text.charAt(at++);
        switch (c) {
            case 'b' -> value.append('\b');
            case 't' -> value.append('\t');
            case 'n' -> value.append('\n');
            case 'f' -> value.append('\f');
            case 'r' -> value.append('\r');
            case '"', '\\' -> value.append(c);
            case 'u' -> codePoint(value, 4);
            case 'U' -> codePoint(value, 8);
            default -> {
                if (!lines || !Character.isWhitespace(c)) {
                    throw wrong("want a known escape");
                }
                while (at < text.length() && Character.isWhitespace(here())) {
                    at++; // a backslash at the end of a line takes all blanks after it away
                }
            }
        }
    }

    private void codePoint(StringBuilder value, int digits) {
        try {
            value.appendCodePoint(Integer.parseInt(text.substring(at, at + digits), 16));
            at += digits;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw wrong("want a character's number");
        }
    }

    private char here() {
        return text.charAt(at);
    }

    private void want(char c) {
        skipBlanks();
        if (at == text.length() || here() != c) {
            throw wrong("want '" + c + "'");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < text.length() && (here() == ' ' || here() == '\t')) {
            at++;
        }
    }

    private void skipBlankLines() {
        while (at < text.length()) {
            char c = here();
            if (c == '#') {
                skipComment();
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                at++;
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        while (at < text.length() && here() != '\n') {
            at++;
        }
    }

    private void endOfLine() {
        skipBlanks();
        if (at < text.length() && here() == '#') {
            skipComment();
        }
        if (at < text.length() && here() == '\r') {
            at++;
        }
        if (at < text.length() && here() != '\n') {
            throw wrong("want the end of the line");
        }
    }

    private Failure.Invalid wrong(String want) {
        int line = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
            }
        }
        return new Failure.Invalid(file + ": line " + line + ": " + want);
    }
}
