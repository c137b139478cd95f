package dev.rung.cli;

import dev.rung.docker.shape.EventJson;
import dev.rung.engine.Event;
import dev.rung.engine.Events;
import dev.rung.oci.json.JsonObject;
import dev.rung.resident.Ending;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** "events" and "system events". */
final class EventsCommand implements Command {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnnXXX", Locale.ROOT);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String name;

    EventsCommand(String name) {
        this.name = name;
    }

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                name, "[OPTIONS]", "Get real time events from the engine", WordCount.NONE);
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
        var names = new HashSet<>(Event.FILTERS);
        names.add("label");
        var filters = new Filters(call.texts("--filter"), names);
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
        return Event.FILTERS.stream()
                        .allMatch(name -> filters.fits(name, value -> event.fits(name, value)))
                && filters.fitsLabels(event.attributes());
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
                EventJson.write(json, event);
                return;
            }
            boolean container = event.type().equals("container");
            json.beginObject().field("Status", container ? event.action() : "");
            json.field("ID", container ? event.id() : "");
            json.field("From", container ? event.attributes().getOrDefault("image", "") : "");
            json.field("Type", event.type()).field("Action", event.action());
            EventJson.actor(json, event);
            json.field("Scope", "local").field("Time", event.time().getEpochSecond());
            json.field("TimeNano", EventJson.nanos(event)).endObject();
        });
    }
}
