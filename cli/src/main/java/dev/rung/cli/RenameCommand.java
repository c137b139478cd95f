package dev.rung.cli;

import dev.rung.engine.spec.ContainerName;
import dev.rung.resident.Ending;
import java.util.List;

final class RenameCommand implements Command {
    @Override
    public String name() {
        return "rename";
    }

    @Override
    public String words() {
        return "CONTAINER NEW_NAME";
    }

    @Override
    public String about() {
        return "Rename a container";
    }

    @Override
    public int least() {
        return 2;
    }

    @Override
    public int most() {
        return 2;
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
