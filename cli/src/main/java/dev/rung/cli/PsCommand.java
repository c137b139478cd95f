package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.ContainerId;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Health;
import dev.rung.engine.Phase;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.network.Endpoint;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;

final class PsCommand implements Command {
    private static final int SHORT_ID = 12;
    private static final int SHORT_COMMAND = 20;
    private static final DateTimeFormatter CREATED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss Z z", Locale.ROOT);
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "CONTAINER ID"),
                    Column.usual("Image", "IMAGE"),
                    Column.usual("Command", "COMMAND"),
                    Column.usual("RunningFor", "CREATED"),
                    Column.usual("Status", "STATUS"),
                    Column.usual("Ports", "PORTS"),
                    Column.usual("Names", "NAMES"),
                    Column.other("CreatedAt", "CREATED AT"),
                    Column.other("State", "STATE"),
                    Column.other("Labels", "LABELS"),
                    Column.other("Mounts", "MOUNTS"),
                    Column.other("Networks", "NETWORKS"),
                    Column.other("LocalVolumes", "LOCAL VOLUMES"),
                    Column.other("Size", "SIZE"));

    private static final List<Column> WITH_SIZE = withSize();

    private static List<Column> withSize() {
        var columns = new ArrayList<>(COLUMNS);
        columns.removeLast();
        columns.add(Column.usual("Size", "SIZE"));
        return List.copyOf(columns);
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis("ps", "[OPTIONS]", "List containers", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --all", "Show all containers (default shows just running)"),
                Switch.texts("-f --filter", "filter", "Filter output based on conditions provided"),
                Switch.text("--format", "string", "Format output by a Go template, table or json"),
                Switch.text("-n --last", "int", "Show n last created containers"),
                Switch.flag("-l --latest", "Show the latest created container"),
                Switch.flag("--no-trunc", "Don't truncate output"),
                Switch.flag("-q --quiet", "Only display container IDs"),
                Switch.flag("-s --size", "Display total file sizes"));
    }

    @Override
    public List<String> examples() {
        return List.of("ps -a", "ps -q --filter status=exited", "ps --format '{{.Names}}'");
    }

    @Override
    public Ending run(Invocation call) {
        long last = call.flag("-l") ? 1 : call.number("--last", -1);
        List<ContainerView> all = call.services().containers().list();
        var filter = new PsFilter(call.texts("--filter"), all);
        boolean ended = call.flag("-a") || last > 0 || filter.namesState();
        boolean sizes = call.flag("-s") || call.text("--format").contains(".Size");
        var listing = new Listing(call.flag("-s") ? WITH_SIZE : COLUMNS);
        int shown = 0;
        for (ContainerView container : all) {
            boolean wanted =
                    ended || container.phase().runs() || container.phase() == Phase.RESTARTING;
            ContainerId id = container.record().id();
            boolean fits =
                    wanted
                            && filter.takes(
                                    container, () -> call.services().containers().endpoints(id));
            if (fits && (last < 0 || shown < last)) {
                listing.add(
                        container.record().config().labels(),
                        row(
                                container,
                                call.services().containers().endpoints(id),
                                call.flag("--no-trunc"),
                                sizes
                                        ? ContainerSize.of(call.services(), container).toString()
                                        : "0B"));
                shown++;
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    private static String[] row(
            ContainerView container, List<Endpoint> endpoints, boolean whole, String size) {
        ContainerRecord record = container.record();
        String id = record.id().value();
        String command = String.join(" ", record.config().argv());
        var labels = new ArrayList<String>();
        for (Map.Entry<String, String> label : record.config().labels().entrySet()) {
            labels.add(label.getKey() + "=" + label.getValue());
        }
        var mounts = new ArrayList<String>();
        int volumes = 0;
        for (ContainerRecord.MountPoint mount : record.mounts()) {
            mounts.add(mount.name().isEmpty() ? mount.source() : mount.name());
            volumes += mount.type().equals("volume") ? 1 : 0;
        }
        Instant now = Instant.now();
        return new String[] {
            whole ? id : id.substring(0, SHORT_ID),
            record.config().image(),
            '"' + (whole ? command : shortened(command)) + '"',
            Human.duration(Duration.between(record.created(), now)) + " ago",
            status(container, now),
            Ports.text(endpoints),
            record.name().value(),
            CREATED.format(record.created().atZone(ZoneId.systemDefault())),
            container.phase().toString(),
            String.join(",", labels),
            String.join(",", mounts),
            network(record),
            Integer.toString(volumes),
            size
        };
    }

    private static String network(ContainerRecord record) {
        return switch (record.host().network().kind()) {
            case HOST -> "host";
            case NONE, PRIVATE -> "none";
            case CONTAINER, SHAREABLE -> record.host().network().toString();
            case DEFAULT, NETWORK -> networks(record);
        };
    }

    private static String networks(ContainerRecord record) {
        var names = new ArrayList<String>();
        record.networks().forEach(wish -> names.add(wish.network()));
        return String.join(",", names);
    }

    private static String shortened(String text) {
        return text.length() > SHORT_COMMAND ? text.substring(0, SHORT_COMMAND - 1) + "…" : text;
    }

    private static String health(ContainerView container) {
        Health health = container.health();
        if (health == null) {
            return "";
        }
        return health.status() == Health.Status.STARTING
                ? " (health: starting)"
                : " (" + health.status() + ")";
    }

    /** Such as: Up 2 minutes, Exited (1) 3 hours ago. */
    static String status(ContainerView container, Instant now) {
        Instant started = container.record().started();
        Instant finished = container.finished();
        String up = "Up " + Human.duration(Duration.between(started == null ? now : started, now));
        String ago =
                Human.duration(Duration.between(finished == null ? now : finished, now)) + " ago";
        return switch (container.phase()) {
            case CREATED -> "Created";
            case RUNNING -> up + health(container);
            case PAUSED -> up + " (Paused)";
            case RESTARTING -> "Restarting (" + container.exitCode() + ") " + ago;
            case EXITED ->
                    started == null && !container.record().error().isEmpty()
                            ? "Created"
                            : "Exited (" + container.exitCode() + ") " + ago;
            case REMOVING -> "Removal In Progress";
        };
    }
}
