package dev.rung.cli;

import dev.rung.resident.Ending;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class ExportCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "export",
                "[OPTIONS] CONTAINER",
                "Export a container's filesystem as a tar archive",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(Switch.text("-o --output", "string", "Write to a file, instead of STDOUT"));
    }

    @Override
    public List<String> examples() {
        return List.of("export -o web.tar web", "export web | tar -t");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String path = call.text("--output");
        if (path.isEmpty() && call.caller().request().terminals().out()) {
            call.err(SaveCommand.TO_A_TERMINAL);
            return new Ending.Exit(1);
        }
        String name =
                call.services().containers().get(call.words().getFirst()).record().id().value();
        Sink.write(call, path, out -> call.services().files().export(name, out));
        return DONE;
    }
}
