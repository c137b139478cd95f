package dev.rung.cli;

import dev.rung.engine.Event;
import dev.rung.engine.Events;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** "events" and "system events". */
final class EventsCommand implements Command {
    private static final Set<String> FILTERS =
            Set.of(
                    "type",
                    "event",
                    "container",
                    "image",
                    "label",
                    "volume",
                    "network",
                    "daemon",
                    "scope");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnnXXX", Locale.ROOT);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String name;

    EventsCommand(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String words() {
        return "[OPTIONS]";
    }

    @Override
    public String about() {
        return "Get real time events from the engine";
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
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("-f --filter", "filter", "Filter output by type, event, container..."),
                Switch.text("--format", "string", "Format output by a Go template or json"),
                Switch.text("--since", "string", "Show all events created since a time"),
                Switch.text("--until", "string", "Stream events until a time"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                name + " --filter event=die --format '{{.Actor.Attributes.exitCode}}'",
                name + " --since 10m --until 0s");
    }

    @Override
    public Ending run(Invocation call) {
        var filters = new Filters(call.texts("--filter"), FILTERS);
        Instant since = LogsCommand.moment(call.text("--since"));
        Instant until = LogsCommand.moment(call.text("--until"));
        var past = new ArrayList<Event>();
        try (Events.Listening listening = call.services().engine().events().listen(past)) {
            for (Event event : past) {
                boolean wanted = since != null && !event.time().isBefore(since);
                if (wanted && !isAfter(event.time(), until)) {
                    show(call, filters, event);
                }
            }
            while (!isAfter(Instant.now(), until)) {
                Event event = listening.next(patience(until));
                if (event == null) {
                    call.caller().checkThere();
                } else if (!isAfter(event.time(), until)) {
                    show(call, filters, event);
                }
            }
        }
        return DONE;
    }

    private static Duration patience(@Nullable Instant until) {
        if (until == null) {
            return PATIENCE;
        }
        Duration left = Duration.between(Instant.now(), until).plusMillis(1);
        return left.compareTo(PATIENCE) < 0 ? left : PATIENCE;
    }

    private static boolean isAfter(Instant time, @Nullable Instant until) {
        return until != null && time.isAfter(until);
    }

    private static void show(Invocation call, Filters filters, Event event) {
        if (fits(filters, event)) {
            String format = call.text("--format");
            call.out(
                    format.isEmpty()
                            ? line(event)
                            : Document.formatted(document(event, format), format));
        }
    }

    private static boolean fits(Filters filters, Event event) {
        return filters.fits("type", event.type()::equals)
                && filters.fits("event", wanted -> isAction(event.action(), wanted))
                && filters.fits("container", wanted -> isActor(event, "container", wanted))
                && filters.fits("volume", wanted -> isActor(event, "volume", wanted))
                && filters.fits("network", wanted -> isActor(event, "network", wanted))
                && filters.fits("image", wanted -> isImage(event, wanted))
                && filters.fits("scope", "local"::equals)
                && filters.fits("daemon", _ -> false)
                && filters.fitsLabels(event.attributes());
    }

    private static boolean isAction(String action, String wanted) {
        return action.equals(wanted) || action.startsWith(wanted + ":");
    }

    private static boolean isActor(Event event, String type, String wanted) {
        return event.type().equals(type)
                && (event.id().startsWith(wanted) || wanted.equals(event.attributes().get("name")));
    }

    private static boolean isImage(Event event, String wanted) {
        String image =
                event.type().equals("image")
                        ? event.attributes().getOrDefault("name", event.id())
                        : event.attributes().getOrDefault("image", "");
        return image.equals(wanted) || image.startsWith(wanted + ":");
    }

    private static String line(Event event) {
        var attributes = new StringBuilder();
        for (Map.Entry<String, String> each :
                new TreeMap<String, String>(event.attributes()).entrySet()) {
            attributes.append(attributes.isEmpty() ? "" : ", ");
            attributes.append(each.getKey()).append('=').append(each.getValue());
        }
        return TIME.format(event.time().atZone(ZoneId.systemDefault()))
                + " "
                + event.type()
                + " "
                + event.action()
                + " "
                + event.id()
                + (attributes.isEmpty() ? "" : " (" + attributes + ")")
                + "\n";
    }

    /** As JSON, or with the fields by the names that templates have for them. */
    private static JsonObject document(Event event, String format) {
        boolean asJson = format.equals("json") || format.equals("{{json .}}");
        return Document.of(json -> {
            if (asJson) {
                write(json, event);
                return;
            }
            boolean container = event.type().equals("container");
            json.beginObject().field("Status", container ? event.action() : "");
            json.field("ID", container ? event.id() : "");
            json.field("From", container ? event.attributes().getOrDefault("image", "") : "");
            json.field("Type", event.type()).field("Action", event.action());
            actor(json, event);
            json.field("Scope", "local").field("Time", event.time().getEpochSecond());
            json.field("TimeNano", nanos(event)).endObject();
        });
    }

    private static void actor(JsonWriter json, Event event) {
        json.name("Actor").beginObject().field("ID", event.id()).name("Attributes").beginObject();
        event.attributes().forEach(json::field);
        json.endObject().endObject();
    }

    private static long nanos(Event event) {
        return ChronoUnit.NANOS.between(Instant.EPOCH, event.time());
    }

    private static void write(JsonWriter json, Event event) {
        json.beginObject();
        if (event.type().equals("container")) {
            json.field("status", event.action()).field("id", event.id());
            json.field("from", event.attributes().getOrDefault("image", ""));
        }
        json.field("Type", event.type()).field("Action", event.action());
        actor(json, event);
        json.field("scope", "local").field("time", event.time().getEpochSecond());
        json.field("timeNano", nanos(event)).endObject();
    }
}
