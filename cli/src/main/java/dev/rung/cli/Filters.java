package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What --filter was given: of filters with the same name one must fit, of different ones all. */
final class Filters {
    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    /** Invalid for a name that is not among these. */
    Filters(List<String> filters, Set<String> names) {
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String name = equals < 0 ? filter : filter.substring(0, equals);
            if (equals < 0 || !names.contains(name)) {
                throw new Failure.Invalid("invalid filter '" + Printable.of(filter) + "'");
            }
            wanted.computeIfAbsent(name, _ -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
    }

    boolean has(String name) {
        return wanted.containsKey(name);
    }

    List<String> values(String name) {
        return wanted.getOrDefault(name, List.of());
    }

    /** Whether it fits one of the values of that name, or there is none. */
    boolean fits(String name, Predicate<String> test) {
        List<String> values = wanted.get(name);
        return values == null || values.stream().anyMatch(test);
    }

    /** Invalid unless it is a yes or no. */
    boolean flag(String name) {
        boolean flag = false;
        for (String value : values(name)) {
            flag =
                    switch (value) {
                        case "true", "1", "t" -> true;
                        case "false", "0", "f" -> false;
                        default ->
                                throw new Failure.Invalid(
                                        "invalid filter '" + name + "=" + value + "'");
                    };
        }
        return flag;
    }

    /** Whether all labels that are wanted are there, and none of those that are not. */
    boolean fitsLabels(Map<String, String> labels) {
        for (String value : values("label")) {
            if (!hasLabel(labels, value)) {
                return false;
            }
        }
        for (String value : values("label!")) {
            if (hasLabel(labels, value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasLabel(Map<String, String> labels, String wanted) {
        int equals = wanted.indexOf('=');
        String value = labels.get(equals < 0 ? wanted : wanted.substring(0, equals));
        return value != null && (equals < 0 || value.equals(wanted.substring(equals + 1)));
    }
}
