package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class ExplainCommand implements Command {
    private static final List<String> FLAGS = List.of("--json", "--secrets");

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "explain",
                "[OPTIONS] CONTAINER | BUNDLE",
                "Show each system call that creating a container takes, and what asks for it",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("--json", "Print it as JSON"),
                Switch.flag("--secrets", "Show the values of the environment, too"));
    }

    @Override
    public List<String> examples() {
        return List.of("explain web", "explain --json web", "explain ./bundle");
    }

    @Override
    public Ending run(Invocation call) {
        var options = new ArrayList<String>();
        for (String flag : FLAGS) {
            if (call.flag(flag)) {
                options.add(flag);
            }
        }
        call.out(call.services().containers().explain(call.words().getFirst(), options));
        return DONE;
    }
}
