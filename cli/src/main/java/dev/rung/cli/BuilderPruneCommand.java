package dev.rung.cli;

import dev.rung.build.Builder;
import dev.rung.cli.show.Human;
import dev.rung.domain.Digest;
import dev.rung.resident.Ending;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

final class BuilderPruneCommand implements Command {
    private static final String UNNEEDED = "WARNING! This will remove all dangling build cache.";
    private static final String ALL = "WARNING! This will remove all build cache.";

    @Override
    public Synopsis synopsis() {
        return new Synopsis("builder prune", "[OPTIONS]", "Remove build cache", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Remove all build cache, not just what no image needs"),
                Switch.texts("--filter", "filter", "Only what was last used before: until=…"),
                Switch.flag("-f --force", "Do not prompt for confirmation"));
    }

    @Override
    public List<String> examples() {
        return List.of("builder prune -f", "builder prune --all --filter until=24h");
    }

    @Override
    public Ending run(Invocation call) {
        boolean all = call.flag("--all");
        var filter = new Filters(call.texts("--filter"), Set.of("until"));
        if (!call.flag("--force") && !call.confirms(all ? ALL : UNNEEDED)) {
            return call.cancelled(name());
        }
        Instant until = ContainerPruneCommand.until(filter);
        Instant before = until == null ? Instant.MAX : until;
        Builder.Pruned pruned = call.services().builder().prune(all, before);
        var text = new StringBuilder();
        if (!pruned.entries().isEmpty()) {
            text.append("Deleted build cache objects:\n");
            for (Digest entry : pruned.entries()) {
                text.append(entry.hex()).append('\n');
            }
            text.append('\n');
        }
        call.out(text + "Total:\t" + Human.size(pruned.bytes()) + "\n");
        return DONE;
    }
}
