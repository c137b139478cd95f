package dev.rung.cli;

import dev.rung.domain.Printable;
import dev.rung.image.layer.Change;
import dev.rung.resident.Ending;
import java.util.List;

final class DiffCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "diff",
                "CONTAINER",
                "Inspect changes to files or directories on a container's filesystem",
                WordCount.exactly(1));
    }

    @Override
    public List<String> examples() {
        return List.of("diff web");
    }

    @Override
    public Ending run(Invocation call) {
        var text = new StringBuilder();
        for (Change change : call.services().files().changes(call.words().getFirst())) {
            text.append(change.kind().letter()).append(' ');
            text.append(Printable.of(change.path().toString())).append('\n');
        }
        call.out(text.toString());
        return DONE;
    }
}
