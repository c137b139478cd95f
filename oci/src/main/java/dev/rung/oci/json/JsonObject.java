package dev.rung.oci.json;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields in their order, each name once. */
public final class JsonObject implements Json {
    /** Up to here looking through the names is quicker than a map. */
    private static final int FEW = 16;

    private static final JsonObject EMPTY = new JsonObject(new String[0], new Json[0], 0, null);

    private final String[] names;
    private final Json[] values;
    private final int size;
    private final @Nullable Map<String, Integer> index;

    private JsonObject(
            String[] names, Json[] values, int size, @Nullable Map<String, Integer> index) {
        this.names = names;
        this.values = values;
        this.size = size;
        this.index = index;
    }

    /**
     * The fields from {@code from} up to {@code to} of the two arrays, which are copied. The last
     * of duplicate names wins and takes the place of the first.
     */
    static JsonObject of(String[] names, Json[] values, int from, int to) {
        if (from == to) {
            return EMPTY;
        }
        var ownNames = new String[to - from];
        var ownValues = new Json[to - from];
        Map<String, Integer> index = to - from > FEW ? HashMap.newHashMap(to - from) : null;
        int size = 0;
        for (int i = from; i < to; i++) {
            int at = find(ownNames, size, index, names[i]);
            if (at < 0) {
                at = size++;
                ownNames[at] = names[i];
                if (index != null) {
                    index.put(names[i], at);
                }
            }
            ownValues[at] = values[i];
        }
        return new JsonObject(ownNames, ownValues, size, index);
    }

    private static int find(
            String[] names, int size, @Nullable Map<String, Integer> index, String name) {
        if (index != null) {
            Integer at = index.get(name);
            return at == null ? -1 : at;
        }
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The one without fields. */
    public static JsonObject empty() {
        return EMPTY;
    }

    /** The same with this field, in the place of one that has the name, or behind all others. */
    public JsonObject with(String name, Json value) {
        var more = Arrays.copyOf(names, size + 1);
        var moreValues = Arrays.copyOf(values, size + 1);
        more[size] = name;
        moreValues[size] = value;
        return of(more, moreValues, 0, size + 1);
    }

    /** The same without this field. */
    public JsonObject without(String name) {
        JsonObject less = EMPTY;
        for (int i = 0; i < size; i++) {
            if (!names[i].equals(name)) {
                less = less.with(names[i], values[i]);
            }
        }
        return less;
    }

    /** How many fields there are. */
    public int size() {
        return size;
    }

    /** The name of the field at this place, from 0. */
    public String name(int place) {
        return names[place];
    }

    /** The value of the field at this place, from 0. */
    public Json value(int place) {
        return values[place];
    }

    /** The value of the field, or null when there is none; a field that is null gives JsonNull. */
    public @Nullable Json get(String name) {
        int at = find(names, size, index, name);
        return at < 0 ? null : values[at];
    }

    @Override
    public String kind() {
        return "an object";
    }
}
