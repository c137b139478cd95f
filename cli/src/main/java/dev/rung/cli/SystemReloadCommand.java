package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class SystemReloadCommand implements Command {
    @Override
    public String name() {
        return "system reload";
    }

    @Override
    public String words() {
        return "";
    }

    @Override
    public String about() {
        return "Have the engine read its configuration anew";
    }

    @Override
    public int least() {
        return 0;
    }

    @Override
    public int most() {
        return 0;
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
