package dev.rung.cli;

import dev.rung.docker.shape.PublishedPort;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Health;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.network.Endpoint;
import dev.rung.network.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which containers a list shows. */
final class PsFilter {
    private static final Set<String> NAMES =
            Set.of(
                    "ancestor",
                    "before",
                    "exited",
                    "expose",
                    "health",
                    "id",
                    "label",
                    "name",
                    "network",
                    "publish",
                    "since",
                    "status",
                    "volume");

    private static final Pattern PORTS =
            Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/(tcp|udp|sctp))?");

    private final Filters filters;
    private final List<ContainerView> all;

    /** All: those among which "before" and "since" name one. */
    PsFilter(List<String> texts, List<ContainerView> all) {
        this.filters = new Filters(texts, NAMES);
        this.all = all;
        for (String name : List.of("publish", "expose")) {
            for (String ports : filters.values(name)) {
                if (!PORTS.matcher(ports).matches()) {
                    throw new Failure.Invalid("invalid filter '" + name + "=" + ports + "'");
                }
            }
        }
    }

    /** Whether containers are meant that do not run. */
    boolean namesState() {
        return filters.has("status") || filters.has("exited");
    }

    /** Its places in networks are only asked for where a filter wants them. */
    boolean takes(ContainerView container, Supplier<List<Endpoint>> endpoints) {
        ContainerRecord record = container.record();
        Health health = container.health();
        String healthy = health == null ? "none" : health.status().toString();
        return filters.fits("name", value -> isNamed(record.name().value(), value))
                && filters.fits("id", record.id().value()::startsWith)
                && filters.fitsLabels(record.config().labels())
                && filters.fits("status", container.phase().toString()::equals)
                && filters.fits("health", healthy::equals)
                && filters.fits("exited", value -> hasExited(container, value))
                && filters.fits("ancestor", value -> isOf(record, value))
                && filters.fits("volume", value -> hasVolume(record, value))
                && filters.fits("network", value -> isIn(record, value))
                && filters.fits("before", value -> record.created().isBefore(created(value)))
                && filters.fits("since", value -> record.created().isAfter(created(value)))
                && filters.fits("publish", value -> publishes(endpoints.get(), value))
                && filters.fits("expose", value -> exposes(record, endpoints.get(), value));
    }

    /** As docker: a regular expression that the name has somewhere; with or without a slash. */
    private static boolean isNamed(String name, String wanted) {
        try {
            Pattern pattern = Pattern.compile(wanted);
            return pattern.matcher(name).find() || pattern.matcher("/" + name).find();
        } catch (PatternSyntaxException e) {
            return name.contains(wanted);
        }
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
                || record.image().startsWith(image)
                || record.image().startsWith("sha256:" + image);
    }

    private static boolean hasVolume(ContainerRecord record, String volume) {
        return record.mounts().stream()
                .anyMatch(
                        mount -> mount.name().equals(volume) || mount.destination().equals(volume));
    }

    private static boolean isIn(ContainerRecord record, String network) {
        return record.networks().stream().anyMatch(wish -> wish.network().equals(network))
                || record.host().network().toString().equals(network);
    }

    /** When the container of that name, id or beginning of an id was made. NotFound. */
    private Instant created(String name) {
        for (ContainerView each : all) {
            ContainerRecord record = each.record();
            if (record.name().value().equals(name) || record.id().value().startsWith(name)) {
                return record.created();
            }
        }
        throw new Failure.NotFound("No such container: " + name);
    }

    private static boolean publishes(List<Endpoint> endpoints, String ports) {
        return endpoints.stream()
                .flatMap(endpoint -> endpoint.ports().stream())
                .anyMatch(port -> fits(ports, port.hostPort(), protocol(port)));
    }

    private static boolean exposes(ContainerRecord record, List<Endpoint> endpoints, String ports) {
        for (String exposed : record.config().exposedPorts()) {
            int slash = exposed.indexOf('/');
            int port = Integer.parseInt(slash < 0 ? exposed : exposed.substring(0, slash));
            if (fits(ports, port, slash < 0 ? "tcp" : exposed.substring(slash + 1))) {
                return true;
            }
        }
        return endpoints.stream()
                .flatMap(endpoint -> endpoint.ports().stream())
                .anyMatch(port -> fits(ports, port.containerPort(), protocol(port)));
    }

    private static String protocol(PortBinding port) {
        String inner = PublishedPort.inner(port);
        return inner.substring(inner.indexOf('/') + 1);
    }

    /** Such as 80, 8000-8010/tcp; tcp, where it does not say. */
    private static boolean fits(String ports, int port, String protocol) {
        var parts = PORTS.matcher(ports);
        if (!parts.matches()) {
            return false;
        }
        int first = Integer.parseInt(parts.group(1));
        int last = parts.group(2) == null ? first : Integer.parseInt(parts.group(2));
        String wanted = parts.group(3) == null ? "tcp" : parts.group(3);
        return first <= port && port <= last && wanted.equals(protocol);
    }
}
