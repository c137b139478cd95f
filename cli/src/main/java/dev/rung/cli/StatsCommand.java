package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerUsage;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Observation;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

final class StatsCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final long BETWEEN_MS = 1000;
    private static final String TOP = "\033[H";
    private static final String CLEAR_LINE = "\033[K\n";
    private static final String CLEAR_REST = "\033[J";
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "CONTAINER ID"),
                    Column.usual("Name", "NAME"),
                    Column.usual("CPUPerc", "CPU %"),
                    Column.usual("MemUsage", "MEM USAGE / LIMIT"),
                    Column.usual("MemPerc", "MEM %"),
                    Column.usual("NetIO", "NET I/O"),
                    Column.usual("BlockIO", "BLOCK I/O"),
                    Column.usual("PIDs", "PIDS"),
                    Column.other("Container", "CONTAINER"));

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "stats",
                "[OPTIONS] [CONTAINER...]",
                "Display a live stream of container(s) resource usage statistics",
                WordCount.atLeast(0));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Show all containers (default shows just running)"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.flag("--no-stream", "Only pull the first result"),
                Switch.flag("--no-trunc", "Do not truncate output"));
    }

    @Override
    public List<String> examples() {
        return List.of("stats", "stats --no-stream --format '{{.Name}} {{.MemUsage}}' web");
    }

    /** What is shown of one container, by what name it was asked for. */
    private record Seen(String asked, ContainerView container) {}

    @Override
    public Ending run(Invocation call) {
        Containers containers = call.services().containers();
        for (String name : call.words()) {
            containers.get(name);
        }
        Map<String, ContainerUsage> before =
                measure(call.services().engine().observation(), seen(call));
        boolean once = call.flag("--no-stream");
        while (true) {
            rest();
            List<Seen> seen = seen(call);
            Map<String, ContainerUsage> now = measure(call.services().engine().observation(), seen);
            var listing = new Listing(COLUMNS);
            for (Seen each : seen) {
                String id = each.container.record().id().value();
                listing.add(row(each, before.get(id), now.get(id), call.flag("--no-trunc")));
            }
            String text = listing.print(call.text("--format"));
            if (once) {
                call.out(text);
                return DONE;
            }
            call.out(TOP + text.replace("\n", CLEAR_LINE) + CLEAR_REST);
            before = now;
        }
    }

    private static void rest() {
        try {
            Thread.sleep(BETWEEN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private static List<Seen> seen(Invocation call) {
        Containers containers = call.services().containers();
        var seen = new ArrayList<Seen>();
        for (String name : call.words()) {
            try {
                seen.add(new Seen(name, containers.get(name)));
            } catch (Failure.NotFound _) {
                // removed while it was looked at
            }
        }
        if (call.words().isEmpty()) {
            for (ContainerView view : containers.list()) {
                if (call.flag("-a") || view.phase().runs()) {
                    seen.add(new Seen(view.record().id().value().substring(0, SHORT_ID), view));
                }
            }
        }
        return seen;
    }

    private static Map<String, ContainerUsage> measure(Observation observation, List<Seen> seen) {
        var all = new HashMap<String, ContainerUsage>();
        for (Seen each : seen) {
            String id = each.container.record().id().value();
            try {
                ContainerUsage usage = observation.usage(id);
                if (usage != null) {
                    all.put(id, usage);
                }
            } catch (Failure.NotFound _) {
                // gone
            }
        }
        return all;
    }

    private static String[] row(
            Seen seen, @Nullable ContainerUsage before, @Nullable ContainerUsage now, boolean all) {
        String id = seen.container.record().id().value();
        String shown = all ? id : id.substring(0, SHORT_ID);
        String name = seen.container.record().name().value();
        if (now == null) {
            return new String[] {
                shown, name, "0.00%", "0B / 0B", "0.00%", "0B / 0B", "0B / 0B", "0", seen.asked
            };
        }
        double cpu =
                before == null || now.atNanos() <= before.atNanos()
                        ? 0
                        : 100.0
                                * (now.cpuNanos() - before.cpuNanos())
                                / (now.atNanos() - before.atNanos());
        double memory = now.memoryLimit() == 0 ? 0 : 100.0 * now.memory() / now.memoryLimit();
        return new String[] {
            shown,
            name,
            percent(cpu),
            Human.binarySize(now.memory()) + " / " + Human.binarySize(now.memoryLimit()),
            percent(memory),
            Human.size(now.received()) + " / " + Human.size(now.sent()),
            Human.size(now.blocksRead()) + " / " + Human.size(now.blocksWritten()),
            Long.toString(now.processes()),
            seen.asked
        };
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.2f%%", Math.max(0, value));
    }
}
