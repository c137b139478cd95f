package dev.rung.docker;

import dev.rung.engine.Event;
import dev.rung.engine.Events;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** {@code GET /events}: what happens, one JSON object a line, as it happens. */
final class EventStream {
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final Events events;

    EventStream(Events events) {
        this.events = events;
    }

    void answer(Call call) throws IOException {
        Filters filters = call.filters();
        Instant since = ContainerLog.moment("since", call.text("since"));
        Instant until = ContainerLog.moment("until", call.text("until"));
        var past = new ArrayList<Event>();
        var gone = new AtomicBoolean();
        try (Events.Listening listening = events.listen(past);
                BodyOutput out = call.stream(Call.JSON)) {
            out.flush();
            Runnable wake = listening::close;
            call.exchange()
                    .whenGone(() -> {
                        gone.set(true);
                        wake.run();
                    });
            for (Event event : past) {
                boolean wanted = since != null && !event.time().isBefore(since);
                if (wanted && !isAfter(event.time(), until)) {
                    show(out, filters, event);
                }
            }
            while (!gone.get() && !isAfter(Instant.now(), until)) {
                Event event = listening.next(patience(until));
                if (event != null && !isAfter(event.time(), until)) {
                    show(out, filters, event);
                }
            }
        }
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

    private static void show(BodyOutput out, Filters filters, Event event) throws IOException {
        if (!fits(filters, event)) {
            return;
        }
        var json = JsonWriter.compact();
        write(json, event);
        out.write(json.bytes());
        out.write('\n');
        out.flush();
    }

    private static boolean fits(Filters filters, Event event) {
        return filters.fits("type", event.type()::equals)
                && filters.fits("event", wanted -> isAction(event.action(), wanted))
                && filters.fits("container", wanted -> isActor(event, "container", wanted))
                && filters.fits("volume", wanted -> isActor(event, "volume", wanted))
                && filters.fits("network", wanted -> isActor(event, "network", wanted))
                && filters.fits("image", wanted -> isImage(event, wanted))
                && filters.fits("daemon", wanted -> event.type().equals("daemon"))
                && filters.fits("scope", "local"::equals)
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
        String name = event.type().equals("image") ? "name" : "image";
        String image = event.attributes().getOrDefault(name, "");
        return image.equals(wanted) || image.startsWith(wanted + ":");
    }

    private static void write(JsonWriter json, Event event) {
        json.beginObject();
        if (event.type().equals("container")) {
            json.field("status", event.action()).field("id", event.id());
            json.field("from", event.attributes().getOrDefault("image", ""));
        }
        json.field("Type", event.type()).field("Action", event.action());
        json.name("Actor").beginObject().field("ID", event.id()).name("Attributes").beginObject();
        event.attributes().forEach(json::field);
        json.endObject().endObject().field("scope", "local");
        json.field("time", event.time().getEpochSecond());
        json.field("timeNano", ChronoUnit.NANOS.between(Instant.EPOCH, event.time())).endObject();
    }
}
