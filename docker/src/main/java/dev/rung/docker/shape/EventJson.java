package dev.rung.docker.shape;

import dev.rung.engine.Event;
import dev.rung.oci.json.JsonWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Something that happened, as {@code GET /events} tells it. */
public final class EventJson {
    private EventJson() {}

    public static void write(JsonWriter json, Event event) {
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

    /** What it happened to. */
    public static void actor(JsonWriter json, Event event) {
        json.name("Actor").beginObject().field("ID", event.id());
        GoMap.write(json.name("Attributes"), event.attributes());
        json.endObject();
    }

    /** When, since 1970. */
    public static long nanos(Event event) {
        return ChronoUnit.NANOS.between(Instant.EPOCH, event.time());
    }
}
