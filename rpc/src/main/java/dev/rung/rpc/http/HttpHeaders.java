package dev.rung.rpc.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Header fields in their order; names differ by more than case. */
public final class HttpHeaders {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    public HttpHeaders() {}

    /** One field, such as a content type. */
    public static HttpHeaders of(String name, String value) {
        return new HttpHeaders().add(name, value);
    }

    /** Adds a field; IllegalArgumentException when it would break the message. */
    public HttpHeaders add(String name, String value) {
        if (!Grammar.isToken(name) || !Grammar.isFieldValue(value)) {
            throw new IllegalArgumentException("header " + name + " would break the message");
        }
        names.add(name);
        values.add(value);
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

    /** Whether one of the comma-separated words of that name is this one, in any case. */
    public boolean has(String name, String word) {
        for (String value : all(name)) {
            for (String each : value.split(",", -1)) {
                if (each.strip().equalsIgnoreCase(word)) {
                    return true;
                }
            }
        }
        return false;
    }

    public int size() {
        return names.size();
    }

    void write(StringBuilder message) {
        for (int i = 0; i < names.size(); i++) {
            message.append(names.get(i)).append(": ").append(values.get(i)).append("\r\n");
        }
    }
}
