package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads TOML in one pass. */
final class TomlParser {
    private static final int LARGEST = 1 << 20;
    private static final int DEEPEST = 32;

    private final TomlScanner in;
    private final TomlTable root;

    /** Those that a header has defined, so that no other may; by identity. */
    private final Set<TomlTable> defined = new HashSet<>();

    /** An array of tables, to which headers add. */
    private static final class Tables extends ArrayList<TomlTable> {
        private static final long serialVersionUID = 1;
    }

    TomlParser(String file, String text) {
        if (text.length() > LARGEST) {
            throw new Failure.Invalid(file + ": want at most " + LARGEST + " characters");
        }
        in = new TomlScanner(file, text);
        root = new TomlTable(file, "");
    }

    TomlTable document() {
        TomlTable table = root;
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
        return root;
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

    private void pair(TomlTable table, int depth) {
        List<String> path = key();
        in.expect("=");
        in.skipBlanks();
        TomlTable inner = walk(table, path.subList(0, path.size() - 1));
        String name = path.getLast();
        if (inner.values().putIfAbsent(name, value(inner, name, depth)) != null) {
            throw in.wrong("key \"" + Printable.of(name) + "\" is given twice");
        }
    }

    /** The table there, which is made where there is none. */
    private TomlTable walk(TomlTable from, List<String> path) {
        TomlTable table = from;
        for (String name : path) {
            TomlTable outer = table;
            table =
                    switch (table.values().computeIfAbsent(name, _ -> outer.child(name))) {
                        case Tables tables -> tables.getLast();
                        case TomlTable inner -> inner;
                        default -> throw in.wrong("key \"" + Printable.of(name) + "\" is no table");
                    };
        }
        return table;
    }

    private TomlTable header(List<String> path) {
        TomlTable above = walk(root, path.subList(0, path.size() - 1));
        String name = path.getLast();
        if (above.values().get(name) instanceof Tables) {
            throw in.wrong("key \"" + Printable.of(name) + "\" is an array of tables");
        }
        TomlTable table = walk(root, path);
        if (!defined.add(table)) {
            throw in.wrong("table \"" + Printable.of(String.join(".", path)) + "\" is given twice");
        }
        return table;
    }

    private TomlTable element(List<String> path) {
        TomlTable above = walk(root, path.subList(0, path.size() - 1));
        String name = path.getLast();
        if (!(above.values().computeIfAbsent(name, _ -> new Tables()) instanceof Tables all)) {
            throw in.wrong("key \"" + Printable.of(name) + "\" is no array of tables");
        }
        TomlTable table = above.child(name);
        all.add(table);
        return table;
    }

    /** The value of that name in that table. */
    private Object value(TomlTable table, String name, int depth) {
        if (depth > DEEPEST) {
            throw in.wrong("values nest deeper than " + DEEPEST);
        }
        if (in.accepts("[")) {
            return array(table, name, depth);
        } else if (in.accepts("{")) {
            return inlineTable(table.child(name), depth);
        } else if (in.at('"') || in.at('\'')) {
            return in.text();
        }
        return in.word();
    }

    private List<Object> array(TomlTable table, String name, int depth) {
        var values = new ArrayList<>();
        while (true) {
            in.skipLines();
            if (in.accepts("]")) {
                return values;
            }
            values.add(value(table, name, depth + 1));
            in.skipLines();
            if (!in.accepts(",")) {
                in.expect("]");
                return values;
            }
        }
    }

    private TomlTable inlineTable(TomlTable table, int depth) {
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
}
