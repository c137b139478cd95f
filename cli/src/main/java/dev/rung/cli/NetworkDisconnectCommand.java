package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkDisconnectCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network disconnect",
                "[OPTIONS] NETWORK CONTAINER",
                "Disconnect a container from a network",
                WordCount.exactly(2));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-f --force", "Force the container to disconnect from a network"));
    }

    @Override
    public List<String> examples() {
        return List.of("network disconnect backend web");
    }

    @Override
    public Ending run(Invocation call) {
        call.services()
                .engine()
                .connections()
                .disconnect(call.words().getLast(), call.words().getFirst(), call.flag("-f"));
        return DONE;
    }
}
