package dev.rung.image.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Header fields in their order; names differ by more than case. */
public final class Headers {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    public Headers() {}

    /** Adds a field; IllegalArgumentException when it would break the message. */
    public Headers add(String name, String value) {
        if (name.isEmpty() || breaks(name) || name.indexOf(':') >= 0 || breaks(value)) {
            throw new IllegalArgumentException("header " + name + " would break the message");
        }
        names.add(name);
        values.add(value);
        return this;
    }

    private static boolean breaks(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                return true;
            }
        }
        return false;
    }

    public Headers addAll(Headers others) {
        names.addAll(others.names);
        values.addAll(others.values);
        return this;
    }

    /** The first of that name. */
    public @Nullable String get(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return values.get(i);
            }
        }
        return null;
    }

    public List<String> all(String name) {
        var all = new ArrayList<String>();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                all.add(values.get(i));
            }
        }
        return all;
    }

    /** Such as a length; -1 when absent or no such number. */
    public long number(String name) {
        String text = get(name);
        if (text == null || text.isEmpty() || text.length() > 18) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Long.parseLong(text);
    }

    void write(StringBuilder message) {
        for (int i = 0; i < names.size(); i++) {
            message.append(names.get(i)).append(": ").append(values.get(i)).append("\r\n");
        }
    }
}
