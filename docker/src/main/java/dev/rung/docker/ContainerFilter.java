package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Health;
import dev.rung.engine.record.ContainerRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Which containers a list shows. */
final class ContainerFilter {
    private static final Set<String> NAMES =
            Set.of(
                    "ancestor",
                    "before",
                    "exited",
                    "expose",
                    "health",
                    "id",
                    "isolation",
                    "is-task",
                    "label",
                    "label!",
                    "name",
                    "network",
                    "publish",
                    "since",
                    "status",
                    "volume");
    private static final Set<String> STATES =
            Set.of("created", "running", "paused", "restarting", "removing", "exited", "dead");

    private final Filters filters;
    private final @Nullable Instant before;
    private final @Nullable Instant since;

    ContainerFilter(Filters filters, Containers containers) {
        this.filters = filters.check(NAMES);
        for (String state : filters.all("status")) {
            if (!STATES.contains(state)) {
                throw new Failure.Invalid(
                        "invalid filter 'status="
                                + Printable.of(state)
                                + "': invalid value for state ("
                                + Printable.of(state)
                                + "): must be one of created, running, paused, restarting,"
                                + " removing, exited, dead");
            }
        }
        for (String code : filters.all("exited")) {
            if (!code.matches("[-+]?[0-9]{1,18}")) {
                throw new Failure.Invalid(
                        "invalid filter 'exited="
                                + Printable.of(code)
                                + "': strconv.Atoi: parsing \""
                                + Printable.of(code)
                                + "\": invalid syntax");
            }
        }
        before = created(filters.all("before"), containers);
        since = created(filters.all("since"), containers);
    }

    private static @Nullable Instant created(List<String> names, Containers containers) {
        return names.isEmpty() ? null : containers.get(names.getFirst()).record().created();
    }

    /** Whether containers are meant that do not run. */
    boolean namesState() {
        return filters.has("status") || filters.has("exited") || before != null || since != null;
    }

    boolean takes(ContainerView container) {
        ContainerRecord record = container.record();
        return filters.fitsLabels(record.config().labels())
                && filters.fits("name", name -> isNamed(record.name().value(), name))
                && filters.fits("id", id -> record.id().value().startsWith(id))
                && filters.fits("status", container.phase().toString()::equals)
                && filters.fits("health", wanted -> wanted.equals(health(container.health())))
                && filters.fits("exited", code -> hasExited(container, code))
                && filters.fits("ancestor", image -> isOf(record, image))
                && filters.fits("volume", name -> has(record, name))
                && filters.fits("network", name -> isIn(record, name))
                && filters.fits("expose", port -> exposes(record, port))
                && filters.fits("publish", port -> publishes(record, port))
                && filters.fits("is-task", wanted -> wanted.equals("false"))
                && (before == null || record.created().isBefore(before))
                && (since == null || record.created().isAfter(since));
    }

    /** A regular expression, which may mean the slash before the name. */
    private static boolean isNamed(String name, String wanted) {
        try {
            Pattern pattern = Pattern.compile(wanted);
            return pattern.matcher(name).find() || pattern.matcher("/" + name).find();
        } catch (PatternSyntaxException | StackOverflowError _) {
            return name.contains(wanted);
        }
    }

    private static String health(@Nullable Health health) {
        return health == null ? "none" : health.status().toString();
    }

    private static boolean hasExited(ContainerView container, String code) {
        return container.finished() != null
                && !container.phase().runs()
                && Integer.toString(container.exitCode()).equals(code);
    }

    private static boolean isOf(ContainerRecord record, String image) {
        String own = record.config().image();
        return own.equals(image)
                || own.equals(image + ":latest")
                || image.equals(own + ":latest")
                || record.image().startsWith(image)
                || record.image().startsWith("sha256:" + image);
    }

    private static boolean has(ContainerRecord record, String name) {
        return record.mounts().stream()
                .anyMatch(m -> m.name().equals(name) || m.destination().equals(name));
    }

    private static boolean isIn(ContainerRecord record, String name) {
        return record.networks().stream().anyMatch(wish -> wish.network().equals(name))
                || record.host().network().toString().equals(name);
    }

    private static boolean exposes(ContainerRecord record, String port) {
        String whole = port.indexOf('/') < 0 ? port + "/tcp" : port;
        return record.config().exposedPorts().contains(whole);
    }

    private static boolean publishes(ContainerRecord record, String port) {
        String whole = port.indexOf('/') < 0 ? port + "/tcp" : port;
        return record.host().ports().stream().anyMatch(each -> each.port().equals(whole));
    }
}
