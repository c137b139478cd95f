package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Observation.Table;
import dev.rung.engine.Pods;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;

/** Looks at all containers of pods. */
final class PodLook {
    private PodLook() {}

    /** The processes of those that run, in one table. */
    static Ending top(Invocation call, Pods pods) {
        List<String> words = call.words();
        var cells = new ArrayList<String[]>();
        for (ContainerView container : pods.get(words.getFirst()).containers()) {
            if (!container.phase().runs()) {
                continue;
            }
            Table table =
                    call.services()
                            .engine()
                            .observation()
                            .processes(
                                    container.record().id().value(),
                                    words.subList(1, words.size()));
            boolean first = cells.isEmpty();
            for (List<String> line : table.lines().subList(first ? 0 : 1, table.lines().size())) {
                cells.add(line.toArray(new String[0]));
            }
        }
        if (cells.isEmpty()) {
            throw new Failure.WrongState(
                    "pod top can only be used on pods with running containers");
        }
        call.out(Listing.aligned(cells));
        return Command.DONE;
    }

    static Ending stats(Invocation call, List<String> names) {
        var containers = new ArrayList<String>();
        for (String name : names) {
            for (ContainerView container : call.services().engine().pods().get(name).containers()) {
                if (container.phase().runs()) {
                    containers.add(container.record().name().value());
                }
            }
        }
        if (containers.isEmpty()) {
            throw new Failure.WrongState("no container of these pods is running");
        }
        return new StatsCommand().run(with(call, containers));
    }

    /** One after another; only one can be followed. */
    static Ending logs(Invocation call, Pods pods) {
        List<ContainerView> containers = pods.get(call.words().getFirst()).containers();
        String wanted = call.text("--container");
        var ids = new ArrayList<String>();
        for (ContainerView container : containers) {
            String id = container.record().id().value();
            boolean named =
                    container.record().name().value().equals(wanted)
                            || !wanted.isEmpty() && id.startsWith(wanted);
            if (wanted.isEmpty() || named) {
                ids.add(id);
            }
        }
        if (ids.isEmpty() && !wanted.isEmpty()) {
            throw new Failure.NotFound("container " + wanted + " is not in the pod");
        } else if (ids.size() > 1 && call.flag("-f")) {
            throw new Failure.Unsupported(
                    "one container's log can be followed at a time: name it by --container");
        }
        for (String id : ids) {
            new LogsCommand().run(with(call, List.of(id)));
        }
        return Command.DONE;
    }

    private static Invocation with(Invocation call, List<String> words) {
        return new Invocation(call.caller(), call.services(), call.options(), words);
    }
}
