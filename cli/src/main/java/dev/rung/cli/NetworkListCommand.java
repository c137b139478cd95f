package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.docker.shape.NetworkEntry;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkListCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis("network ls", "[OPTIONS]", "List networks", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts(
                        "-f --filter", "filter", "Provide filter values (e.g. \"driver=bridge\")"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("--no-trunc", "Do not truncate the output"),
                Switch.flag("-q --quiet", "Only display network IDs"));
    }

    @Override
    public List<String> examples() {
        return List.of("network ls", "network ls -q --filter driver=bridge");
    }

    @Override
    public Ending run(Invocation call) {
        var filter = new NetworkFilter(call.texts("--filter"));
        var listing = new Listing(NetworkList.COLUMNS);
        for (NetworkEntry entry :
                NetworkEntry.all(call.services().engine().connections().networks())) {
            if (filter.takes(entry)) {
                listing.add(entry.labels(), NetworkList.row(entry, call.flag("--no-trunc")));
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }
}
