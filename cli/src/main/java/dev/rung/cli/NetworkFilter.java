package dev.rung.cli;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which networks are meant: of filters with the same name one must fit, of all others all. */
final class NetworkFilter {
    /** What prune takes. */
    static final Set<String> PRUNE = Set.of("until", "label", "label!");

    private static final Set<String> LIST =
            Set.of("name", "id", "driver", "scope", "type", "label", "dangling");

    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    /** Of ls. */
    NetworkFilter(List<String> filters) {
        this(filters, LIST);
    }

    NetworkFilter(List<String> filters, Set<String> names) {
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String name = equals < 0 ? filter : filter.substring(0, equals);
            if (equals < 0 || !names.contains(name)) {
                throw new Failure.Invalid("invalid filter '" + Printable.of(filter) + "'");
            }
            wanted.computeIfAbsent(name, _ -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
    }

    boolean takes(NetworkEntry network) {
        for (Map.Entry<String, List<String>> filter : wanted.entrySet()) {
            boolean all = filter.getKey().startsWith("label");
            boolean fits = all;
            for (String value : filter.getValue()) {
                boolean one = fits(network, filter.getKey(), value);
                fits = all ? fits && one : fits || one;
            }
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(NetworkEntry network, String name, String value) {
        return switch (name) {
            case "name" -> network.name().contains(value);
            case "id" -> network.id().startsWith(value);
            case "driver" -> network.driver().equals(value);
            case "scope" -> value.equals("local");
            case "type" ->
                    switch (value) {
                        case "builtin" -> NetworkEntry.isPredefined(network.name());
                        case "custom" -> !NetworkEntry.isPredefined(network.name());
                        default ->
                                throw new Failure.Invalid(
                                        "invalid filter: 'type'='" + Printable.of(value) + "'");
                    };
            case "label" -> hasLabel(network, value);
            case "label!" -> !hasLabel(network, value);
            case "until" -> network.created().isBefore(moment(value));
            default -> !value.equals("true") == NetworkEntry.isPredefined(network.name());
        };
    }

    private static boolean hasLabel(NetworkEntry network, String value) {
        int equals = value.indexOf('=');
        String label = network.labels().get(equals < 0 ? value : value.substring(0, equals));
        return label != null && (equals < 0 || label.equals(value.substring(equals + 1)));
    }

    /** A time, seconds since 1970, or how long ago, such as 24h or 1h30m. */
    private static Instant moment(String text) {
        try {
            if (!text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1))) {
                return Instant.ofEpochSecond(Long.parseLong(text));
            } else if (text.indexOf('T') > 0) {
                return Instant.parse(text);
            }
            return Instant.now().minus(Duration.parse("PT" + text));
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new Failure.Invalid("invalid filter 'until=" + Printable.of(text) + "'");
        }
    }
}
