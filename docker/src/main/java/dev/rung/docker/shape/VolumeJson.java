package dev.rung.docker.shape;

import dev.rung.engine.Volume;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Volumes. */
public final class VolumeJson {
    private VolumeJson() {}

    public static void write(JsonWriter json, Volume volume) {
        begin(json, volume);
        json.endObject();
    }

    /** With how much is in it, in bytes, and how many containers have it. */
    public static void write(JsonWriter json, Volume volume, long size, int users) {
        begin(json, volume);
        json.name("UsageData").beginObject().field("RefCount", users);
        json.field("Size", size).endObject().endObject();
    }

    private static void begin(JsonWriter json, Volume volume) {
        json.beginObject();
        json.field("CreatedAt", volume.created().truncatedTo(ChronoUnit.SECONDS).toString());
        json.field("Driver", "local");
        map(json, "Labels", volume.labels());
        json.field("Mountpoint", volume.data().toString()).field("Name", volume.name());
        map(json, "Options", volume.options());
        json.field("Scope", "local");
    }

    private static void map(JsonWriter json, String name, Map<String, String> map) {
        json.name(name);
        if (map.isEmpty()) {
            json.value(JsonNull.NULL);
            return;
        }
        GoMap.write(json, map);
    }
}
