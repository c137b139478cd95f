package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.docker.shape.VolumeJson;
import dev.rung.domain.Failure;
import dev.rung.engine.Volume;
import dev.rung.engine.Volumes;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

/** "volume create", "ls", "inspect", "rm" and "prune". */
final class VolumeCommand implements Command {
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("Driver", "DRIVER"),
                    Column.usual("Name", "VOLUME NAME"),
                    Column.other("Scope", "SCOPE"),
                    Column.other("Mountpoint", "MOUNTPOINT"),
                    Column.other("Labels", "LABELS"),
                    Column.other("Links", "LINKS"),
                    Column.other("Size", "SIZE"),
                    Column.other("Availability", "AVAILABILITY"),
                    Column.other("Group", "GROUP"),
                    Column.other("Status", "STATUS"));
    private static final Set<String> LIST_FILTERS = Set.of("dangling", "driver", "label", "name");
    private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "all");

    private final Kind kind;

    VolumeCommand(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        CREATE,
        LS,
        INSPECT,
        RM,
        PRUNE
    }

    @Override
    public Synopsis synopsis() {
        return switch (kind) {
            case CREATE ->
                    new Synopsis(
                            "volume create",
                            "[OPTIONS] [VOLUME]",
                            "Create a volume",
                            WordCount.between(0, 1));
            case LS -> new Synopsis("volume ls", "[OPTIONS]", "List volumes", WordCount.NONE);
            case INSPECT ->
                    new Synopsis(
                            "volume inspect",
                            "[OPTIONS] VOLUME [VOLUME...]",
                            "Display detailed information on one or more volumes",
                            WordCount.atLeast(1));
            case RM ->
                    new Synopsis(
                            "volume rm",
                            "[OPTIONS] VOLUME [VOLUME...]",
                            "Remove one or more volumes",
                            WordCount.atLeast(1));
            case PRUNE ->
                    new Synopsis(
                            "volume prune",
                            "[OPTIONS]",
                            "Remove unused local volumes",
                            WordCount.NONE);
        };
    }

    @Override
    public List<OptionSpec> options() {
        return switch (kind) {
            case CREATE ->
                    List.of(
                            Switch.text("-d --driver", "string", "Volume driver; there is local"),
                            Switch.texts("--label", "list", "Set metadata for a volume"),
                            Switch.text("--name", "string", "The name, as the last word does"),
                            Switch.texts("-o --opt", "map", "Options: type, device and o"));
            case LS ->
                    List.of(
                            Switch.texts("-f --filter", "filter", "dangling, driver, label, name"),
                            Switch.text("--format", "string", "A Go template, table or json"),
                            Switch.flag("-q --quiet", "Only display volume names"));
            case INSPECT ->
                    List.of(Switch.text("-f --format", "string", "By a Go template or json"));
            case RM ->
                    List.of(Switch.flag("-f --force", "Say nothing of volumes that are not there"));
            case PRUNE ->
                    List.of(
                            Switch.flag("-a --all", "Remove all unused, not just anonymous ones"),
                            Switch.texts("--filter", "filter", "label=<label> or label!=<label>"),
                            Switch.flag("-f --force", "Do not prompt for confirmation"));
        };
    }

    @Override
    public List<String> examples() {
        return switch (kind) {
            case CREATE ->
                    List.of(
                            "volume create data",
                            "volume create -o type=tmpfs -o device=tmpfs -o o=size=100m fast",
                            "volume create -o type=nfs -o o=addr=10.0.0.1,rw -o device=:/e nfs");
            case LS -> List.of("volume ls --filter dangling=true");
            case INSPECT -> List.of("volume inspect -f '{{.Mountpoint}}' data");
            case RM -> List.of("volume rm data");
            case PRUNE -> List.of("volume prune --all --force");
        };
    }

    @Override
    public Ending run(Invocation call) {
        Volumes volumes = call.services().engine().volumes();
        return switch (kind) {
            case CREATE -> create(call, volumes);
            case LS -> list(call, volumes);
            case INSPECT -> inspect(call, volumes);
            case RM -> remove(call, volumes);
            case PRUNE -> prune(call, volumes);
        };
    }

    private static Ending create(Invocation call, Volumes volumes) {
        String driver = call.text("--driver");
        if (!driver.isEmpty() && !driver.equals("local")) {
            throw new Failure.NotFound(
                    "create: error looking up volume plugin " + driver + ": plugin not found");
        }
        String name = call.words().isEmpty() ? call.text("--name") : call.words().getFirst();
        Volume made = volumes.create(name, call.pairs("--label"), call.pairs("--opt"));
        call.out(made.name() + "\n");
        return DONE;
    }

    private static Ending list(Invocation call, Volumes volumes) {
        var filters = new Filters(call.texts("--filter"), LIST_FILTERS);
        boolean dangling = filters.flag("dangling");
        var listing = new Listing(COLUMNS);
        for (Volume volume : volumes.list()) {
            boolean unused = filters.has("dangling") && volumes.users(volume.name()).isEmpty();
            boolean fits =
                    filters.fits("name", volume.name()::contains)
                            && filters.fits("driver", "local"::equals)
                            && filters.fitsLabels(volume.labels())
                            && (!filters.has("dangling") || unused == dangling);
            if (fits) {
                listing.add(
                        volume.labels(),
                        "local",
                        volume.name(),
                        "local",
                        volume.data().toString(),
                        labels(volume.labels()),
                        "N/A",
                        "N/A",
                        "N/A",
                        "N/A",
                        "N/A");
            }
        }
        call.out(call.flag("-q") ? listing.quiet("Name") : listing.print(call.text("--format")));
        return DONE;
    }

    static String labels(Map<String, String> labels) {
        var all = new ArrayList<String>();
        labels.forEach((name, value) -> all.add(name + "=" + value));
        return String.join(",", all);
    }

    private static Ending inspect(Invocation call, Volumes volumes) {
        return Each.inspected(
                call,
                name -> {
                    Volume volume = volumes.get(name);
                    return json -> VolumeJson.write(json, volume);
                });
    }

    private static Ending remove(Invocation call, Volumes volumes) {
        return Each.of(
                call,
                name -> {
                    try {
                        volumes.remove(name);
                    } catch (Failure.NotFound e) {
                        if (!call.flag("-f")) {
                            throw e;
                        }
                    }
                    return name;
                });
    }

    private static Ending prune(Invocation call, Volumes volumes) {
        var filters = new Filters(call.texts("--filter"), PRUNE_FILTERS);
        boolean all = call.flag("-a") || filters.flag("all");
        String which = all ? "all" : "anonymous";
        boolean sure =
                call.flag("-f")
                        || call.confirms(
                                "WARNING! This will remove "
                                        + which
                                        + " local volumes not used by at least one container.");
        if (!sure) {
            return call.cancelled("volume prune");
        }
        var deleted = new StringBuilder();
        long bytes = prune(volumes, filters, all, deleted);
        call.out(deleted + ContainerPruneCommand.reclaimed(bytes));
        return DONE;
    }

    /** Removes them; what was, goes into the text, and how many bytes that was is returned. */
    static long prune(Volumes volumes, Filters filters, boolean all, StringBuilder deleted) {
        var names = new StringBuilder();
        long bytes = 0;
        for (Volume volume : volumes.list()) {
            if (!all && !volume.isAnonymous() || !filters.fitsLabels(volume.labels())) {
                continue;
            }
            try {
                long size = volumes.size(volume);
                volumes.remove(volume.name());
                names.append(volume.name()).append('\n');
                bytes += size;
            } catch (Failure.WrongState | Failure.NotFound _) {
                // a container has it, or it is gone already
            }
        }
        if (!names.isEmpty()) {
            deleted.append("Deleted Volumes:\n").append(names).append('\n');
        }
        return bytes;
    }
}
