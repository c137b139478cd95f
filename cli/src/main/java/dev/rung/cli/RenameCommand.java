package dev.rung.cli;

import dev.rung.engine.spec.ContainerName;
import dev.rung.resident.Ending;
import java.util.List;

final class RenameCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "rename", "CONTAINER NEW_NAME", "Rename a container", WordCount.exactly(2));
    }

    @Override
    public List<String> examples() {
        return List.of("rename web old-web");
    }

    @Override
    public Ending run(Invocation call) {
        call.services()
                .containers()
                .rename(call.words().get(0), new ContainerName(call.words().get(1)));
        return DONE;
    }
}
