package dev.rung.daemon.settings;

import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads TOML 1.0 into the JSON that says the same, so that both are read by the same means. Dates,
 * times and fractions are refused: no setting is one. Failures carry file and line.
 */
final class Toml {
    private static final int DEEPEST = 32;

    private final TomlScanner in;
    private final Map<String, Object> root = new LinkedHashMap<>();

    /** Tables that a header or an inline table has defined, so that no other may. */
    private final Set<Map<String, Object>> defined =
            Collections.newSetFromMap(new IdentityHashMap<>());

    private Toml(TomlScanner in) {
        this.in = in;
    }

    /** An array of tables, to which headers add. */
    private static final class Tables extends ArrayList<Map<String, Object>> {
        private static final long serialVersionUID = 1;
    }

    /** The document as JSON. Invalid with file and line where it is no TOML. */
    static byte[] json(String file, byte[] text) {
        var toml = new Toml(new TomlScanner(file, new String(text, StandardCharsets.UTF_8)));
        toml.document();
        var to = JsonWriter.compact();
        write(to, toml.root);
        return to.bytes();
    }

    private void document() {
        Map<String, Object> table = root;
        while (in.skipToContent()) {
            if (in.accepts("[[")) {
                List<String> path = key();
                in.expect("]]");
                table = element(path);
            } else if (in.accepts("[")) {
                List<String> path = key();
                in.expect("]");
                table = header(path);
            } else {
                pair(table, 0);
            }
            in.endOfLine();
        }
    }

    private List<String> key() {
        var path = new ArrayList<String>();
        do {
            in.skipBlanks();
            path.add(in.simpleKey());
            in.skipBlanks();
        } while (in.accepts("."));
        return path;
    }

    private void pair(Map<String, Object> table, int depth) {
        List<String> path = key();
        in.expect("=");
        in.skipBlanks();
        Map<String, Object> inner = table;
        for (String name : path.subList(0, path.size() - 1)) {
            Object next = inner.computeIfAbsent(name, _ -> new LinkedHashMap<String, Object>());
            inner = table(next, name);
        }
        Object value = value(depth);
        if (inner.putIfAbsent(path.getLast(), value) != null) {
            throw in.wrong("key \"" + Printable.of(path.getLast()) + "\" is given twice");
        }
    }

    @SuppressWarnings("unchecked") // all maps in the tree are made here
    private Map<String, Object> table(Object value, String name) {
        return switch (value) {
            case Tables tables -> tables.getLast();
            case Map<?, ?> map -> (Map<String, Object>) map;
            default -> throw in.wrong("key \"" + Printable.of(name) + "\" is no table");
        };
    }

    private Map<String, Object> walk(List<String> path) {
        Map<String, Object> table = root;
        for (String name : path) {
            Object next = table.computeIfAbsent(name, _ -> new LinkedHashMap<String, Object>());
            table = table(next, name);
        }
        return table;
    }

    private Map<String, Object> header(List<String> path) {
        Map<String, Object> above = walk(path.subList(0, path.size() - 1));
        String name = path.getLast();
        if (above.get(name) instanceof Tables) {
            throw in.wrong("key \"" + Printable.of(name) + "\" is an array of tables");
        }
        Map<String, Object> table = walk(path);
        if (!defined.add(table)) {
            throw in.wrong("table \"" + Printable.of(String.join(".", path)) + "\" is given twice");
        }
        return table;
    }

    private Map<String, Object> element(List<String> path) {
        Map<String, Object> above = walk(path.subList(0, path.size() - 1));
        Object tables = above.computeIfAbsent(path.getLast(), _ -> new Tables());
        if (!(tables instanceof Tables all)) {
            throw in.wrong("key \"" + Printable.of(path.getLast()) + "\" is no array of tables");
        }
        var table = new LinkedHashMap<String, Object>();
        all.add(table);
        return table;
    }

    private Object value(int depth) {
        if (depth > DEEPEST) {
            throw in.wrong("values nest deeper than " + DEEPEST);
        }
        if (in.accepts("[")) {
            return array(depth);
        } else if (in.accepts("{")) {
            return inlineTable(depth);
        } else if (in.at('"') || in.at('\'')) {
            return in.text();
        }
        return in.word();
    }

    private List<Object> array(int depth) {
        var values = new ArrayList<>();
        while (true) {
            in.skipLines();
            if (in.accepts("]")) {
                return values;
            }
            values.add(value(depth + 1));
            in.skipLines();
            if (!in.accepts(",")) {
                in.expect("]");
                return values;
            }
        }
    }

    private Map<String, Object> inlineTable(int depth) {
        var table = new LinkedHashMap<String, Object>();
        in.skipBlanks();
        if (in.accepts("}")) {
            return table;
        }
        do {
            pair(table, depth + 1);
            in.skipBlanks();
        } while (in.accepts(","));
        in.expect("}");
        return table;
    }

    private static void write(JsonWriter to, Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                to.beginObject();
                map.forEach((name, inner) -> write(to.name((String) name), inner));
                to.endObject();
            }
            case List<?> list -> {
                to.beginArray();
                list.forEach(inner -> write(to, inner));
                to.endArray();
            }
            case String text -> to.value(text);
            case Long number -> to.value(number);
            case Boolean flag -> to.value(flag);
            default -> throw new IllegalStateException("a value of " + value.getClass());
        }
    }
}
