package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.resident.Ending;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class ContainerPruneCommand implements Command {
    private static final Set<String> FILTERS = Set.of("until", "label", "label!");

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "container prune", "[OPTIONS]", "Remove all stopped containers", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("--filter", "filter", "until=<time>, label=<label>, label!=<label>"),
                Switch.flag("-f --force", "Do not prompt for confirmation"));
    }

    @Override
    public List<String> examples() {
        return List.of("container prune --force --filter until=24h");
    }

    @Override
    public Ending run(Invocation call) {
        var filters = new Filters(call.texts("--filter"), FILTERS);
        if (!call.flag("-f")
                && !call.confirms("WARNING! This will remove all stopped containers.")) {
            return call.cancelled(name());
        }
        var deleted = new StringBuilder();
        long bytes = prune(call, filters, deleted);
        call.out(deleted + reclaimed(bytes));
        return DONE;
    }

    static String reclaimed(long bytes) {
        return "Total reclaimed space: " + Human.size(bytes) + "\n";
    }

    /** Removes them; what was, goes into the text, and how many bytes that was is returned. */
    static long prune(Invocation call, Filters filters, StringBuilder deleted) {
        Instant until = until(filters);
        long bytes = 0;
        var ids = new StringBuilder();
        for (ContainerView container : call.services().containers().list()) {
            boolean ended =
                    switch (container.phase()) {
                        case CREATED, EXITED -> true;
                        case RUNNING, PAUSED, RESTARTING, REMOVING -> false;
                    };
            boolean old = until == null || container.record().created().isBefore(until);
            if (!ended || !old || !filters.fitsLabels(container.record().config().labels())) {
                continue;
            }
            String id = container.record().id().value();
            try {
                long size = call.services().snapshots().usage(id).bytes();
                call.services().containers().remove(id, false, false);
                bytes += size;
                ids.append(id).append('\n');
            } catch (Failure.WrongState | Failure.NotFound _) {
                // started or removed meanwhile
            }
        }
        if (!ids.isEmpty()) {
            deleted.append("Deleted Containers:\n").append(ids).append('\n');
        }
        return bytes;
    }

    static @Nullable Instant until(Filters filters) {
        List<String> values = filters.values("until");
        return values.isEmpty() ? null : LogsCommand.moment(values.getLast());
    }
}
