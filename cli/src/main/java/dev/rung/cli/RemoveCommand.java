package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class RemoveCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "rm",
                "[OPTIONS] CONTAINER [CONTAINER...]",
                "Remove one or more containers",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-f --force", "Force the removal of a running container"),
                Switch.flag("-v --volumes", "Remove anonymous volumes associated with it"));
    }

    @Override
    public List<String> examples() {
        return List.of("rm web", "rm -f -v web db");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.of(
                call,
                call.flag("-f"),
                name -> {
                    call.services().containers().remove(name, call.flag("-f"), call.flag("-v"));
                    return name;
                });
    }
}
