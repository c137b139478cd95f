package dev.rung.build.dockerfile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The flags between an instruction's word and what it acts on: --name or --name=value. */
final class Flags {
    private final Map<String, List<String>> given = new LinkedHashMap<>();
    private final Set<String> bare = new LinkedHashSet<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final String rest;

    private Flags(String rest) {
        this.rest = rest;
    }

    /** Takes the flags off the front of a text. */
    static Flags of(String text, char escape) {
        var words = new ArrayList<String>();
        int at = 0;
        while (true) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (!text.startsWith("--", at)) {
                break;
            }
            var word = new StringBuilder();
            at = word(text, at, escape, word);
            if (word.toString().equals("--")) {
                break;
            }
            words.add(word.toString());
        }
        var flags = new Flags(text.substring(at).strip());
        words.forEach(flags::add);
        return flags;
    }

    /** Reads a word without its quotes; where it ends. */
    private static int word(String text, int start, char escape, StringBuilder word) {
        char quote = 0;
        int at = start;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (quote == 0 && Character.isWhitespace(c)) {
                break;
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c != escape) {
                word.append(c);
            } else if (at + 1 < text.length()) {
                word.append(text.charAt(++at));
            }
        }
        return at;
    }

    private void add(String word) {
        int equals = word.indexOf('=');
        String name = word.substring(2, equals < 0 ? word.length() : equals);
        List<String> values = given.computeIfAbsent(name, absent -> new ArrayList<>());
        if (equals >= 0) {
            values.add(word.substring(equals + 1));
        } else if (!bare.add(name)) {
            throw duplicate(name);
        }
    }

    /** What follows them. */
    String rest() {
        return rest;
    }

    /** Empty when it is not given. */
    String text(String name) {
        List<String> values = texts(name);
        if (values.size() > 1) {
            throw duplicate(name);
        }
        return values.isEmpty() ? "" : values.getFirst();
    }

    /** Of one that may be given several times. */
    List<String> texts(String name) {
        known.add(name);
        if (bare.contains(name)) {
            throw new Failure.Invalid("missing a value on flag: --" + name);
        }
        return List.copyOf(given.getOrDefault(name, List.of()));
    }

    /** Null when it is not given. */
    @Nullable Boolean flag(String name) {
        known.add(name);
        List<String> values = given.get(name);
        if (values == null) {
            return null;
        } else if (values.size() + (bare.contains(name) ? 1 : 0) > 1) {
            throw duplicate(name);
        }
        String value = bare.contains(name) ? "true" : values.getFirst();
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            case "" -> throw new Failure.Invalid("missing a value on flag: --" + name);
            default ->
                    throw new Failure.Invalid(
                            "expecting boolean value for flag --%s, not: %s"
                                    .formatted(name, Printable.of(value)));
        };
    }

    boolean isSet(String name) {
        return Boolean.TRUE.equals(flag(name));
    }

    /** To be called when all that may be given were asked for. */
    void finish() {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new Failure.Invalid("unknown flag: --" + Printable.of(name));
            }
        }
    }

    private static Failure.Invalid duplicate(String name) {
        return new Failure.Invalid("duplicate flag specified: --" + Printable.of(name));
    }
}
