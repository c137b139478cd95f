package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.resident.Ending;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

final class SystemPruneCommand implements Command {
    private static final Set<String> FILTERS = Set.of("until", "label", "label!");

    @Override
    public Synopsis synopsis() {
        return new Synopsis("system prune", "[OPTIONS]", "Remove unused data", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Remove all unused images not just dangling ones"),
                Switch.texts("--filter", "filter", "until=<time>, label=<label>, label!=<label>"),
                Switch.flag("-f --force", "Do not prompt for confirmation"),
                Switch.flag("--volumes", "Prune anonymous volumes"));
    }

    @Override
    public List<String> examples() {
        return List.of("system prune", "system prune --all --force --filter until=240h");
    }

    @Override
    public Ending run(Invocation call) {
        List<String> filters = call.texts("--filter");
        var filter = new Filters(filters, FILTERS);
        var networks = new NetworkFilter(filters, NetworkFilter.PRUNE);
        var images = new ImageFilter(call, filters, ImageFilter.PRUNE);
        boolean volumes = call.flag("--volumes");
        if (volumes && filter.has("until")) {
            throw new Failure.Invalid("the \"until\" filter is not supported with \"--volumes\"");
        }
        if (!call.flag("--force") && !call.confirms(warning(call, filters))) {
            return call.cancelled(name());
        }
        var deleted = new StringBuilder();
        long bytes = ContainerPruneCommand.prune(call, filter, deleted);
        NetworkPruneCommand.prune(call, networks, deleted);
        if (volumes) {
            var all = call.services().engine().volumes();
            bytes += VolumeCommand.prune(all, filter, false, deleted);
        }
        bytes += ImagePruneCommand.prune(call, call.flag("--all"), images, deleted);
        call.out(deleted + ContainerPruneCommand.reclaimed(bytes));
        return DONE;
    }

    private static String warning(Invocation call, List<String> filters) {
        var text = new StringBuilder("WARNING! This will remove:\n");
        text.append("  - all stopped containers\n");
        text.append("  - all networks not used by at least one container\n");
        if (call.flag("--volumes")) {
            text.append("  - all anonymous volumes not used by at least one container\n");
        }
        text.append(
                call.flag("--all")
                        ? "  - all images without at least one container associated to them\n"
                        : "  - all dangling images\n");
        if (!filters.isEmpty()) {
            text.append("\n  Items to be pruned will be filtered with:\n");
            for (String filter : filters) {
                text.append("  - ").append(filter.replaceFirst("=", ": ")).append('\n');
            }
        }
        return text.toString();
    }
}
