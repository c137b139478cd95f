package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.OptionSpec;

/** "pod ps". */
final class PodListCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final Set<String> FILTERS =
            Set.of("id", "name", "status", "label", "label!", "ctr-names", "ctr-ids", "network");
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "POD ID"),
                    Column.usual("Name", "NAME"),
                    Column.usual("Status", "STATUS"),
                    Column.usual("Created", "CREATED"),
                    Column.usual("NumberOfContainers", "# OF CONTAINERS"),
                    Column.other("ContainerNames", "NAMES"),
                    Column.other("ContainerIds", "IDS"),
                    Column.other("ContainerStatuses", "STATUSES"),
                    Column.other("Labels", "LABELS"),
                    Column.other("Networks", "NETWORKS"),
                    Column.other("Cgroup", "CGROUP"),
                    Column.other("Namespaces", "NAMESPACES"));

    @Override
    public Synopsis synopsis() {
        return new Synopsis("pod ps", "[OPTIONS]", "List pods", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("-f --filter", "filter", "Filter output based on conditions provided"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("-l --latest", "Show the pod that was created last"),
                Switch.flag("--no-trunc", "Don't truncate output"),
                Switch.flag("-q --quiet", "Only display pod IDs"));
    }

    @Override
    public List<String> examples() {
        return List.of("pod ps", "pod ps --filter status=running --format '{{.Name}}'");
    }

    @Override
    public Ending run(Invocation call) {
        var filters = new Filters(call.texts("--filter"), FILTERS);
        var listing = new Listing(COLUMNS);
        Instant now = Instant.now();
        for (PodView pod : call.services().engine().pods().list()) {
            if (fits(filters, pod)) {
                listing.add(pod.record().config().labels(), row(pod, now, call.flag("--no-trunc")));
                if (call.flag("--latest")) {
                    break;
                }
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    private static boolean fits(Filters filters, PodView pod) {
        String id = pod.record().id().value();
        String name = pod.record().name().value();
        String status = pod.status().toString().toLowerCase(Locale.ROOT);
        return filters.fits("id", id::startsWith)
                && filters.fits("name", name::contains)
                && filters.fits("status", status::equals)
                && filters.fits(
                        "network",
                        value ->
                                pod.record().networks().stream()
                                        .anyMatch(wish -> wish.network().equals(value)))
                && filters.fits("ctr-names", value -> names(pod).contains(value))
                && filters.fits(
                        "ctr-ids",
                        value ->
                                pod.containers().stream()
                                        .anyMatch(c -> c.record().id().value().startsWith(value)))
                && filters.fitsLabels(pod.record().config().labels());
    }

    private static List<String> names(PodView pod) {
        var names = new ArrayList<String>();
        for (ContainerView container : pod.containers()) {
            names.add(container.record().name().value());
        }
        return names;
    }

    private static String[] row(PodView pod, Instant now, boolean whole) {
        var ids = new ArrayList<String>();
        var states = new ArrayList<String>();
        for (ContainerView container : pod.containers()) {
            ids.add(container.record().id().value().substring(0, SHORT_ID));
            states.add(container.phase().toString());
        }
        var networks = new ArrayList<String>();
        pod.record().networks().forEach(wish -> networks.add(wish.network()));
        String id = pod.record().id().value();
        return new String[] {
            whole ? id : id.substring(0, SHORT_ID),
            pod.record().name().value(),
            pod.status().toString(),
            Human.duration(Duration.between(pod.record().created(), now)) + " ago",
            Integer.toString(pod.containers().size()),
            String.join(",", names(pod)),
            String.join(",", ids),
            String.join(",", states),
            VolumeCommand.labels(pod.record().config().labels()),
            String.join(",", networks),
            "pod-" + id,
            String.join(",", new TreeSet<>(pod.record().shares()))
        };
    }
}
