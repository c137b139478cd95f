package dev.rung.docker;

import dev.rung.docker.shape.EventJson;
import dev.rung.engine.Event;
import dev.rung.engine.Events;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
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
        EventJson.write(json, event);
        out.write(json.bytes());
        out.write('\n');
        out.flush();
    }

    private static boolean fits(Filters filters, Event event) {
        return Event.FILTERS.stream()
                        .allMatch(name -> filters.fits(name, value -> event.fits(name, value)))
                && filters.fitsLabels(event.attributes());
    }
}
