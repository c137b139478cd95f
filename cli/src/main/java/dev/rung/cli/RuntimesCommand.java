package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.engine.Runtimes;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class RuntimesCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "runtimes",
                "[OPTIONS]",
                "List the runtimes that containers can be run with, and what each can do",
                WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("--format", "string", "Format output by a Go template, table or json"));
    }

    @Override
    public List<String> examples() {
        return List.of("runtimes");
    }

    @Override
    public Ending run(Invocation call) {
        var listing =
                new Listing(
                        List.of(
                                Column.usual("Name", "NAME"),
                                Column.usual("Default", "DEFAULT"),
                                Column.usual("Binary", "BINARY"),
                                Column.usual("Features", "FEATURES")));
        Runtimes runtimes = call.services().engine().runtimes();
        runtimes.all()
                .forEach((name, binary) ->
                        listing.add(
                                name,
                                name.equals(runtimes.usual()) ? "*" : "",
                                binary,
                                RuntimeFeatures.summary(runtimes.features(name))));
        call.out(listing.print(call.text("--format")));
        return DONE;
    }
}
