package dev.rung.oci.json;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one object by name and type. A field that is absent or null counts as not given. A
 * wrong one throws {@link Failure.Invalid} with file and whole key, such as: config.json:
 * mounts[3].destination: want a string, got a number.
 *
 * <p>Texts must not hold a NUL, which would cut them short for the kernel; {@link #freeText} and
 * {@link #freeTexts} are for those that never reach it.
 */
public final class JsonFields {
    public static final long MAX_UINT32 = 0xffff_ffffL;

    private final String file;
    private final JsonObject object;
    private final @Nullable JsonFields parent;
    private final String key;
    private final int element; // -1 when the key holds an object, not an array of them

    private JsonFields(
            String file, JsonObject object, @Nullable JsonFields parent, String key, int element) {
        this.file = file;
        this.object = object;
        this.parent = parent;
        this.key = key;
        this.element = element;
    }

    /** Reads a text that must hold one object. */
    public static JsonFields read(String file, byte[] text) {
        return document(file, Json.read(file, text));
    }

    /** The same of a text whose objects must have each name once. */
    public static JsonFields readUnique(String file, byte[] text) {
        return document(file, Json.readUnique(file, text));
    }

    private static JsonFields document(String file, Json json) {
        if (json instanceof JsonObject object) {
            return new JsonFields(file, object, null, "", -1);
        }
        throw new Failure.Invalid(file + ": want an object, got " + json.kind());
    }

    /** An object that was read; {@code file} is what errors call it. */
    public static JsonFields of(String file, JsonObject object) {
        return new JsonFields(file, object, null, "", -1);
    }

    /** The object itself. */
    public JsonObject json() {
        return object;
    }

    /** How many fields this object has, for objects used as a map. */
    public int size() {
        return object.size();
    }

    /** The name of the field at this place, from 0; it holds no NUL. */
    public String name(int place) {
        String name = object.name(place);
        if (name.indexOf(0) >= 0) {
            throw invalid(name, "want a name without a NUL byte");
        }
        return name;
    }

    /** Whether the field is given (and is not null). */
    public boolean has(String name) {
        return given(name) != null;
    }

    /** A text that must be given and not be empty. */
    public String text(String name) {
        String text = optionalText(name);
        if (text == null) {
            throw invalid(name, "want a text, it is required");
        }
        return text;
    }

    /** Null when absent or empty. */
    public @Nullable String optionalText(String name) {
        String text = freeText(name);
        if (text != null && text.indexOf(0) >= 0) {
            throw invalid(name, "want a text without a NUL byte");
        }
        return text;
    }

    /** Null when absent or empty; may hold a NUL. */
    public @Nullable String freeText(String name) {
        Json value = given(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonString text) {
            return text.value().isEmpty() ? null : text.value();
        }
        throw wrongKind(name, "a string", value);
    }

    /** False when absent. */
    public boolean flag(String name) {
        Boolean flag = optionalFlag(name);
        return flag != null && flag;
    }

    /** Null when absent. */
    public @Nullable Boolean optionalFlag(String name) {
        Json value = given(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonBoolean flag) {
            return flag.value();
        }
        throw wrongKind(name, "true or false", value);
    }

    /** An integer of at least {@code least} and at most {@code most} that must be given. */
    public long integer(String name, long least, long most) {
        Long value = optionalInteger(name, least, most);
        if (value == null) {
            throw invalid(name, "want an integer, it is required");
        }
        return value;
    }

    public long integerOr(String name, long least, long most, long absent) {
        Long value = optionalInteger(name, least, most);
        return value == null ? absent : value;
    }

    /** Null when absent. */
    public @Nullable Long optionalInteger(String name, long least, long most) {
        Json value = given(name);
        return value == null ? null : bounded(name, -1, value, least, most);
    }

    private Long bounded(String name, int index, Json value, long least, long most) {
        if (!(value instanceof JsonNumber number)) {
            throw wrongKind(name, index, "an integer", value);
        }
        Long integer = number.asLong();
        if (integer == null || integer < least || integer > most) {
            boolean any = least == Long.MIN_VALUE && most == Long.MAX_VALUE;
            throw new Failure.Invalid(
                    where(name, index)
                            + (any
                                    ? ": want an integer of 64 bits, got "
                                    : ": want an integer from %d to %d, got "
                                            .formatted(least, most))
                            + Printable.of(number.toString()));
        }
        return integer;
    }

    /** 64 bits without a sign that must be given. */
    public long unsigned(String name) {
        Long value = optionalUnsigned(name);
        if (value == null) {
            throw invalid(name, "want an integer, it is required");
        }
        return value;
    }

    /** 64 bits without a sign, 0 when absent. */
    public long unsignedOrZero(String name) {
        Long value = optionalUnsigned(name);
        return value == null ? 0 : value;
    }

    /** 64 bits without a sign, null when absent. */
    public @Nullable Long optionalUnsigned(String name) {
        Json value = given(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw wrongKind(name, "an integer", value);
        }
        Long integer = number.asUnsignedLong();
        if (integer == null) {
            throw invalid(
                    name,
                    "want an integer from 0 to 18446744073709551615, got "
                            + Printable.of(number.toString()));
        }
        return integer;
    }

    /** Empty when absent. */
    public List<String> texts(String name) {
        List<String> texts = optionalTexts(name);
        return texts == null ? List.of() : texts;
    }

    /** Null when absent; an empty array gives an empty list. */
    public @Nullable List<String> optionalTexts(String name) {
        List<Json> values = array(name);
        if (values == null) {
            return null;
        }
        var texts = new String[values.size()];
        for (int i = 0; i < texts.length; i++) {
            if (!(values.get(i) instanceof JsonString text)) {
                throw wrongKind(name, i, "a string", values.get(i));
            }
            if (text.value().indexOf(0) >= 0) {
                throw new Failure.Invalid(where(name, i) + ": want a text without a NUL byte");
            }
            texts[i] = text.value();
        }
        return Collections.unmodifiableList(Arrays.asList(texts));
    }

    /** Integers of 32 bits without a sign; empty when absent. */
    public List<Long> unsigned32s(String name) {
        List<Json> values = array(name);
        if (values == null) {
            return List.of();
        }
        var integers = new Long[values.size()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = bounded(name, i, values.get(i), 0, MAX_UINT32);
        }
        return Collections.unmodifiableList(Arrays.asList(integers));
    }

    /** An object of texts, in its order; empty when absent. Neither names nor texts hold a NUL. */
    public Map<String, String> textMap(String name) {
        JsonFields entries = optionalObject(name);
        if (entries == null) {
            return Map.of();
        }
        var texts = LinkedHashMap.<String, String>newLinkedHashMap(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            String text = entries.optionalText(entries.name(i));
            texts.put(entries.name(i), text == null ? "" : text);
        }
        return Collections.unmodifiableMap(texts);
    }

    /** An object of texts, in its order; empty when absent. Names and texts may hold a NUL. */
    public Map<String, String> freeTexts(String name) {
        JsonFields entries = optionalObject(name);
        if (entries == null) {
            return Map.of();
        }
        var texts = LinkedHashMap.<String, String>newLinkedHashMap(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            String key = entries.object.name(i);
            String text = entries.freeText(key);
            texts.put(key, text == null ? "" : text);
        }
        return Collections.unmodifiableMap(texts);
    }

    /** The object in this field, null when absent. */
    public @Nullable JsonFields optionalObject(String name) {
        Json value = given(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonObject inner) {
            return new JsonFields(file, inner, this, name, -1);
        }
        throw wrongKind(name, "an object", value);
    }

    /** The object in this field, which must be given. */
    public JsonFields object(String name) {
        JsonFields inner = optionalObject(name);
        if (inner == null) {
            throw invalid(name, "want an object, it is required");
        }
        return inner;
    }

    /** The objects of an array, empty when absent. */
    public List<JsonFields> objects(String name) {
        List<Json> values = array(name);
        if (values == null) {
            return List.of();
        }
        var inner = new ArrayList<JsonFields>(values.size());
        for (int i = 0; i < values.size(); i++) {
            if (!(values.get(i) instanceof JsonObject fields)) {
                throw wrongKind(name, i, "an object", values.get(i));
            }
            inner.add(new JsonFields(file, fields, this, name, i));
        }
        return inner;
    }

    private @Nullable List<Json> array(String name) {
        Json value = given(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonArray array) {
            return array.values();
        }
        throw wrongKind(name, "an array", value);
    }

    private @Nullable Json given(String name) {
        Json value = object.get(name);
        return value == JsonNull.NULL ? null : value;
    }

    /** A failure about a field of this object: file, key, and what was wanted. */
    public Failure.Invalid invalid(String name, String want) {
        return new Failure.Invalid(where(name, -1) + ": " + want);
    }

    /** A failure about an element of an array in this object. */
    public Failure.Invalid invalid(String name, int index, String want) {
        return new Failure.Invalid(where(name, index) + ": " + want);
    }

    /** A failure about this object itself. */
    public Failure.Invalid invalid(String want) {
        var place = new StringBuilder();
        path(place);
        return new Failure.Invalid(
                file + ": " + (place.isEmpty() ? "" : place.append(": ").toString()) + want);
    }

    private Failure.Invalid wrongKind(String name, String want, Json got) {
        return wrongKind(name, -1, want, got);
    }

    private Failure.Invalid wrongKind(String name, int index, String want, Json got) {
        return new Failure.Invalid(where(name, index) + ": want " + want + ", got " + got.kind());
    }

    private String where(String name, int index) {
        var place = new StringBuilder();
        path(place);
        step(place, name, index);
        return file + ": " + place;
    }

    private void path(StringBuilder place) {
        if (parent != null) {
            parent.path(place);
            step(place, key, element);
        }
    }

    private static void step(StringBuilder place, String name, int index) {
        if (plain(name)) {
            if (!place.isEmpty()) {
                place.append('.');
            }
            place.append(name);
        } else {
            place.append("[\"").append(Printable.of(name)).append("\"]");
        }
        if (index >= 0) {
            place.append('[').append(index).append(']');
        }
    }

    /** Whether the name can stand in a key path without quotes. */
    private static boolean plain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && c != '_' && c != '-') {
                return false;
            }
        }
        return !name.isEmpty();
    }
}
