package dev.rung.cli;

import dev.rung.docker.shape.NetworkEntry;
import dev.rung.domain.Failure;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkRemoveCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network rm",
                "NETWORK [NETWORK...]",
                "Remove one or more networks",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(Switch.flag("-f --force", "Do not error if the network does not exist"));
    }

    @Override
    public List<String> examples() {
        return List.of("network rm backend");
    }

    @Override
    public Ending run(Invocation call) {
        boolean failed = false;
        for (String name : call.words()) {
            try {
                if (NetworkEntry.isPredefined(name)) {
                    throw new Failure.WrongState(
                            name + " is a pre-defined network and cannot be removed");
                }
                call.services().engine().connections().remove(name);
                call.out(name + "\n");
            } catch (Failure.NotFound e) {
                failed |= !call.flag("-f");
                if (!call.flag("-f")) {
                    call.err("Error response from daemon: " + e.getMessage() + "\n");
                }
            } catch (Failure e) {
                failed = true;
                call.err("Error response from daemon: " + e.getMessage() + "\n");
            }
        }
        return new Ending.Exit(failed ? 1 : 0);
    }
}
