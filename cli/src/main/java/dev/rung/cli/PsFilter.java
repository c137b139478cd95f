package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Health;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which containers a list shows: of filters with the same name one must fit, of all others all. */
final class PsFilter {
    private static final Set<String> NAMES =
            Set.of(
                    "name",
                    "id",
                    "label",
                    "status",
                    "exited",
                    "ancestor",
                    "volume",
                    "health",
                    "network");

    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    PsFilter(List<String> filters) {
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String name = equals < 0 ? filter : filter.substring(0, equals);
            if (equals < 0 || !NAMES.contains(name)) {
                throw new Failure.Invalid("invalid filter '" + Printable.of(filter) + "'");
            }
            wanted.computeIfAbsent(name, _ -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
    }

    /** Whether containers are meant that do not run. */
    boolean namesState() {
        return wanted.containsKey("status") || wanted.containsKey("exited");
    }

    boolean takes(ContainerView container) {
        for (Map.Entry<String, List<String>> filter : wanted.entrySet()) {
            boolean fits = false;
            for (String value : filter.getValue()) {
                fits |= fits(container, filter.getKey(), value);
            }
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(ContainerView container, String name, String value) {
        var record = container.record();
        return switch (name) {
            case "name" ->
                    value.startsWith("^") && value.endsWith("$")
                            ? record.name()
                                    .value()
                                    .equals(
                                            value.substring(
                                                    value.startsWith("^/") ? 2 : 1,
                                                    value.length() - 1))
                            : record.name().value().contains(value);
            case "id" -> record.id().value().startsWith(value);
            case "label" -> {
                int equals = value.indexOf('=');
                String label =
                        record.config()
                                .labels()
                                .get(equals < 0 ? value : value.substring(0, equals));
                yield label != null && (equals < 0 || label.equals(value.substring(equals + 1)));
            }
            case "status" -> container.phase().toString().equals(value);
            case "health" -> {
                Health health = container.health();
                yield value.equals(health == null ? "none" : health.status().toString());
            }
            case "exited" ->
                    container.finished() != null
                            && !container.phase().runs()
                            && Integer.toString(container.exitCode()).equals(value);
            case "ancestor" ->
                    record.config().image().equals(value)
                            || record.image().startsWith(value)
                            || record.config().image().equals(value + ":latest");
            case "volume" ->
                    record.mounts().stream()
                            .anyMatch(m -> m.name().equals(value) || m.destination().equals(value));
            case "network" ->
                    record.networks().stream().anyMatch(wish -> wish.network().equals(value))
                            || record.host().network().toString().equals(value);
            default -> false;
        };
    }
}
