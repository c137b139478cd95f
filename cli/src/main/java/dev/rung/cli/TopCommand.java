package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.engine.Observation.Table;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;

final class TopCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "top",
                "CONTAINER [ps OPTIONS]",
                "Display the running processes of a container",
                WordCount.atLeast(1));
    }

    @Override
    public boolean endsOptions() {
        return true;
    }

    @Override
    public List<String> examples() {
        return List.of("top web", "top web -o pid,rss,args");
    }

    @Override
    public Ending run(Invocation call) {
        List<String> words = call.words();
        Table table =
                call.services()
                        .engine()
                        .observation()
                        .processes(words.getFirst(), words.subList(1, words.size()));
        var cells = new ArrayList<String[]>();
        for (List<String> line : table.lines()) {
            cells.add(line.toArray(new String[0]));
        }
        call.out(Listing.aligned(cells));
        return DONE;
    }
}
