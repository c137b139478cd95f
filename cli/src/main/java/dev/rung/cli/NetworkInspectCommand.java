package dev.rung.cli;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkInspectCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network inspect",
                "[OPTIONS] NETWORK [NETWORK...]",
                "Display detailed information on one or more networks",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"),
                Switch.flag("-v --verbose", "Verbose output for diagnostics"));
    }

    @Override
    public List<String> examples() {
        return List.of("network inspect -f '{{.Id}}' backend");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.inspected(
                call,
                name -> {
                    NetworkEntry entry =
                            NetworkEntry.find(
                                    call.services().engine().connections().networks(), name);
                    return json -> call.services().networkJson().whole(json, entry, true);
                });
    }
}
