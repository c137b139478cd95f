package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class SystemReloadCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "system reload", "", "Have the engine read its configuration anew", WordCount.NONE);
    }

    @Override
    public List<String> examples() {
        return List.of("system reload");
    }

    @Override
    public Ending run(Invocation call) {
        for (String line : call.services().control().reload()) {
            call.err(line + "\n");
        }
        return DONE;
    }
}
