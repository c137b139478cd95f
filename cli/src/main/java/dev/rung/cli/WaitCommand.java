package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class WaitCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "wait",
                "CONTAINER [CONTAINER...]",
                "Block until one or more containers stop, then print their exit codes",
                WordCount.atLeast(1));
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
