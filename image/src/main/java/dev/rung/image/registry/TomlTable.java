package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table of a TOML file (toml.io, version 1.0), as far as configuration needs it: strings,
 * numbers, booleans, arrays, tables, inline tables and arrays of tables; dates are refused.
 */
public final class TomlTable {
    private final String file;
    private final String place;
    private final Map<String, Object> values = new LinkedHashMap<>();

    TomlTable(String file, String place) {
        this.file = file;
        this.place = place;
    }

    /** Reads a whole file; Invalid with its line when it is no TOML. */
    public static TomlTable parse(String file, String text) {
        return new TomlParser(file, text).document();
    }

    String file() {
        return file;
    }

    Map<String, Object> values() {
        return values;
    }

    /** A table below this one. */
    TomlTable child(String name) {
        return new TomlTable(file, place.isEmpty() ? name : place + "." + name);
    }

    /** The JSON that says the same, in UTF-8; Invalid for a fraction, as no setting is one. */
    public byte[] json() {
        var to = JsonWriter.compact();
        write(to);
        return to.bytes();
    }

    private void write(JsonWriter to) {
        to.beginObject();
        values.forEach((name, value) -> write(to.name(name), name, value));
        to.endObject();
    }

    private void write(JsonWriter to, String name, Object value) {
        switch (value) {
            case TomlTable table -> table.write(to);
            case List<?> list -> {
                to.beginArray();
                list.forEach(inner -> write(to, name, inner));
                to.endArray();
            }
            case String text -> to.value(text);
            case Long number -> to.value(number);
            case Boolean flag -> to.value(flag);
            default -> throw invalid(name, "want no fraction");
        }
    }

    /** In the order of the file. */
    public Set<String> names() {
        return values.keySet();
    }

    /** Whether a table has that name. */
    public boolean isTable(String name) {
        return values.get(name) instanceof TomlTable;
    }

    /** Whether it says nothing: an empty text, array or table, zero, or false. */
    public boolean isIdle(String name) {
        return switch (values.get(name)) {
            case null -> true;
            case String text -> text.isEmpty();
            case Boolean flag -> !flag;
            case Number number -> number.doubleValue() == 0;
            case List<?> list -> list.isEmpty();
            case TomlTable table -> table.values.isEmpty();
            default -> false;
        };
    }

    /** Null when absent. */
    public @Nullable String text(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case String text -> text;
            default -> throw invalid(name, "want a string");
        };
    }

    /** Null when absent. */
    public @Nullable Boolean flag(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case Boolean flag -> flag;
            default -> throw invalid(name, "want true or false");
        };
    }

    /** Null when absent. */
    public @Nullable Long integer(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case Long number -> number;
            default -> throw invalid(name, "want an integer");
        };
    }

    /** An array of strings, or a single one; null when absent. */
    public @Nullable List<String> texts(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case String text -> List.of(text);
            case List<?> list -> texts(name, list);
            default -> throw invalid(name, "want a string or an array of strings");
        };
    }

    private List<String> texts(String name, List<?> list) {
        var texts = new ArrayList<String>();
        for (Object one : list) {
            if (!(one instanceof String text)) {
                throw invalid(name, "want an array of strings");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    /** A string, an array of strings, or an array of arrays of strings; empty when absent. */
    public List<List<String>> pairs(String name) {
        var pairs = new ArrayList<List<String>>();
        switch (values.get(name)) {
            case null -> {}
            case String text -> pairs.add(List.of(text));
            case List<?> list -> {
                for (Object one : list) {
                    pairs.add(
                            one instanceof List<?> inner
                                    ? texts(name, inner)
                                    : texts(name, List.of(one)));
                }
            }
            default -> throw invalid(name, "want an array");
        }
        for (List<String> pair : pairs) {
            if (pair.isEmpty() || pair.size() > 2) {
                throw invalid(name, "want one or two strings each");
            }
        }
        return List.copyOf(pairs);
    }

    /** Null when absent. */
    public @Nullable TomlTable table(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case TomlTable table -> table;
            default -> throw invalid(name, "want a table");
        };
    }

    /** An array of tables; empty when absent. */
    public List<TomlTable> tables(String name) {
        var tables = new ArrayList<TomlTable>();
        switch (values.get(name)) {
            case null -> {}
            case List<?> list -> {
                for (Object one : list) {
                    if (!(one instanceof TomlTable table)) {
                        throw invalid(name, "want an array of tables");
                    }
                    tables.add(table);
                }
            }
            default -> throw invalid(name, "want an array of tables");
        }
        return List.copyOf(tables);
    }

    public Failure.Invalid invalid(String name, String want) {
        return new Failure.Invalid(
                file + ": " + (place.isEmpty() ? "" : place + ".") + name + ": " + want);
    }
}
