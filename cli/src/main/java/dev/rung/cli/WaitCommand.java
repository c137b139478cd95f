package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class WaitCommand implements Command {
    @Override
    public String name() {
        return "wait";
    }

    @Override
    public String words() {
        return "CONTAINER [CONTAINER...]";
    }

    @Override
    public String about() {
        return "Block until one or more containers stop, then print their exit codes";
    }

    @Override
    public int least() {
        return 1;
    }

    @Override
    public int most() {
        return -1;
    }

    @Override
    public List<String> examples() {
        return List.of("wait job");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.of(
                call,
                name -> {
                    int code = Attachment.code(call.services().containers().ended(name));
                    return Integer.toString(code);
                });
    }
}
