package dev.rung.engine.template;

import dev.rung.domain.Printable;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What can be called in a template. */
final class Functions {
    private Functions() {}

    static Object call(String name, List<Object> arguments) {
        return switch (name) {
            case "json" -> Values.json(one(name, arguments));
            case "join" -> join(two(name, arguments));
            case "split" -> {
                List<Object> given = two(name, arguments);
                String separator = Values.text(given.get(1));
                String text = Values.text(given.get(0));
                yield Arrays.asList(text.split(Pattern.quote(separator), -1));
            }
            case "lower" -> Values.text(one(name, arguments)).toLowerCase(Locale.ROOT);
            case "upper" -> Values.text(one(name, arguments)).toUpperCase(Locale.ROOT);
            case "title" -> title(Values.text(one(name, arguments)));
            case "truncate" -> truncate(two(name, arguments));
            case "pad" -> pad(arguments);
            case "len" -> length(one(name, arguments));
            case "index" -> index(arguments);
            case "print" -> joined(arguments, "");
            case "println" -> joined(arguments, " ") + "\n";
            case "printf" -> printf(arguments);
            case "not" -> !Values.holds(one(name, arguments));
            case "and" -> chosen(arguments, false);
            case "or" -> chosen(arguments, true);
            case "eq" -> anyEqual(arguments);
            case "ne" -> compare(name, arguments) != 0;
            case "lt" -> compare(name, arguments) < 0;
            case "le" -> compare(name, arguments) <= 0;
            case "gt" -> compare(name, arguments) > 0;
            case "ge" -> compare(name, arguments) >= 0;
            default ->
                    throw GoTemplate.failed("function \"" + Printable.of(name) + "\" not defined");
        };
    }

    private static Object one(String name, List<Object> arguments) {
        if (arguments.size() != 1) {
            throw wrongCount(name, arguments);
        }
        return arguments.getFirst();
    }

    private static List<Object> two(String name, List<Object> arguments) {
        if (arguments.size() != 2) {
            throw wrongCount(name, arguments);
        }
        return arguments;
    }

    private static RuntimeException wrongCount(String name, List<Object> arguments) {
        return GoTemplate.failed("wrong number of args for " + name + ": got " + arguments.size());
    }

    private static int compare(String name, List<Object> arguments) {
        List<Object> given = two(name, arguments);
        return Values.compare(given.get(0), given.get(1));
    }

    private static boolean anyEqual(List<Object> arguments) {
        for (int i = 1; i < arguments.size(); i++) {
            if (Values.compare(arguments.getFirst(), arguments.get(i)) == 0) {
                return true;
            }
        }
        return false;
    }

    /** The first that is something, or is not; else the last. */
    private static Object chosen(List<Object> arguments, boolean wanted) {
        for (Object each : arguments) {
            if (Values.holds(each) == wanted) {
                return each;
            }
        }
        return arguments.getLast();
    }

    private static List<?> elements(Object value) {
        return switch (value) {
            case JsonArray array -> array.values();
            case List<?> list -> list;
            case JsonNull _ -> List.of();
            default -> throw GoTemplate.failed("want a list, got " + Values.text(value));
        };
    }

    private static String join(List<Object> arguments) {
        var text = new StringBuilder();
        for (Object each : elements(arguments.get(0))) {
            if (!text.isEmpty()) {
                text.append(Values.text(arguments.get(1)));
            }
            text.append(Values.text(each));
        }
        return text.toString();
    }

    private static String title(String text) {
        var title = new StringBuilder(text);
        for (int i = 0; i < title.length(); i++) {
            if (i == 0 || title.charAt(i - 1) == ' ') {
                title.setCharAt(i, Character.toUpperCase(title.charAt(i)));
            }
        }
        return title.toString();
    }

    private static String truncate(List<Object> arguments) {
        String text = Values.text(arguments.get(0));
        Long most = Values.number(arguments.get(1));
        return most != null && text.length() > most ? text.substring(0, most.intValue()) : text;
    }

    private static String pad(List<Object> arguments) {
        Long before = arguments.size() == 3 ? Values.number(arguments.get(1)) : null;
        Long after = arguments.size() == 3 ? Values.number(arguments.get(2)) : null;
        if (before == null || after == null) {
            throw GoTemplate.failed("pad wants a text and two numbers");
        }
        String text = Values.text(arguments.getFirst());
        return " ".repeat(before.intValue()) + text + " ".repeat(after.intValue());
    }

    private static long length(Object value) {
        return switch (value) {
            case JsonString text -> text.value().length();
            case String text -> text.length();
            case JsonObject object -> object.size();
            default -> elements(value).size();
        };
    }

    private static Object index(List<Object> arguments) {
        if (arguments.isEmpty()) {
            throw wrongCount("index", arguments);
        }
        Object value = arguments.getFirst();
        for (Object key : arguments.subList(1, arguments.size())) {
            if (value instanceof JsonObject object) {
                Json found = object.get(Values.text(key));
                value = found == null ? "" : found;
                continue;
            }
            if (value instanceof JsonNull && Values.number(key) == null) {
                value = ""; // a map that has nothing at all
                continue;
            }
            List<?> elements = elements(value);
            Long place = Values.number(key);
            if (place == null || place < 0 || place >= elements.size()) {
                throw GoTemplate.failed("index out of range: " + Values.text(key));
            }
            value = elements.get(place.intValue());
        }
        return value;
    }

    private static String joined(List<Object> arguments, String separator) {
        var texts = new ArrayList<String>();
        for (Object each : arguments) {
            texts.add(Values.text(each));
        }
        return String.join(separator, texts);
    }

    /** Knows %s, %v, %d, %q and widths. */
    private static String printf(List<Object> arguments) {
        String format = Values.text(arguments.isEmpty() ? "" : arguments.getFirst());
        var text = new StringBuilder();
        int next = 1;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            int from = ++i;
            while (i < format.length() && "-0123456789".indexOf(format.charAt(i)) >= 0) {
                i++;
            }
            char verb = i < format.length() ? format.charAt(i) : '%';
            if (verb == '%') {
                text.append('%');
                continue;
            }
            String value =
                    next < arguments.size()
                            ? Values.text(arguments.get(next))
                            : "%!" + verb + "(MISSING)";
            next++;
            if (verb == 'q') {
                value = "\"" + value + "\"";
            }
            String width = format.substring(from, i);
            text.append(width.isEmpty() ? value : String.format("%" + width + "s", value));
        }
        return text.toString();
    }
}
