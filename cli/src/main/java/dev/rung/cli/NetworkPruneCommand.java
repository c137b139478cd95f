package dev.rung.cli;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.domain.Failure;
import dev.rung.network.Networks;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkPruneCommand implements Command {
    private static final String WARNING =
            "WARNING! This will remove all custom networks not used by at least one container.";

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network prune", "[OPTIONS]", "Remove all unused networks", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts(
                        "--filter", "filter", "Provide filter values (until=, label=, label!=)"),
                Switch.flag("-f --force", "Do not prompt for confirmation"));
    }

    @Override
    public List<String> examples() {
        return List.of("network prune --force --filter until=24h");
    }

    @Override
    public Ending run(Invocation call) {
        var filter = new NetworkFilter(call.texts("--filter"), NetworkFilter.PRUNE);
        if (!call.flag("-f") && !call.confirms(WARNING)) {
            return call.cancelled(name());
        }
        var deleted = new StringBuilder();
        prune(call, filter, deleted);
        call.out(deleted.toString());
        return DONE;
    }

    /** Removes them; what was, goes into the text. */
    static void prune(Invocation call, NetworkFilter filter, StringBuilder deleted) {
        Networks networks = call.services().engine().connections().networks();
        var removed = new StringBuilder();
        for (NetworkEntry entry :
                NetworkEntry.all(call.services().engine().connections().networks())) {
            boolean unused = entry.network() != null && networks.endpoints(entry.id()).isEmpty();
            if (!unused || NetworkEntry.isPredefined(entry.name()) || !filter.takes(entry)) {
                continue;
            }
            try {
                call.services().engine().connections().remove(entry.id());
                removed.append(entry.name()).append('\n');
            } catch (Failure.WrongState | Failure.NotFound e) {
                // somebody was faster
            }
        }
        if (!removed.isEmpty()) {
            deleted.append("Deleted Networks:\n").append(removed).append('\n');
        }
    }
}
