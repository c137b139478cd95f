package dev.rung.cli;

import dev.rung.image.Image;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What inspect tells of an image: all that its containers get, null for what it says nothing of,
 * names in the order of their letters, as Go writes maps.
 */
final class ImageJson {
    private ImageJson() {}

    static void write(JsonWriter json, Image image) {
        json.beginObject().field("Id", image.id().toString());
        json.name("RepoTags").beginArray();
        if (image.name() != null) {
            json.value(image.name().familiar());
        }
        json.endArray();
        json.name("RepoDigests").beginArray();
        if (image.name() != null) {
            json.value(image.name().repository() + "@" + image.target().digest());
        }
        json.endArray();
        json.field("Created", orEmpty(image.config().created()));
        json.field("Author", orEmpty(image.config().author()));
        json.field("Architecture", image.config().platform().architecture());
        json.field("Os", image.config().platform().os());
        defaults(json.name("Config"), image.config().config());
        json.name("RootFS").beginObject().field("Type", "layers").name("Layers").beginArray();
        image.config().diffIds().forEach(digest -> json.value(digest.toString()));
        json.endArray().endObject().endObject();
    }

    private static void defaults(JsonWriter json, ContainerDefaults config) {
        json.beginObject().field("User", orEmpty(config.user()));
        set(json, "ExposedPorts", config.exposedPorts());
        json.field("Env", config.env());
        list(json, "Cmd", config.cmd());
        healthcheck(json.name("Healthcheck"), config.healthcheck());
        set(json, "Volumes", config.volumes());
        json.field("WorkingDir", orEmpty(config.workingDir()));
        list(json, "Entrypoint", config.entrypoint());
        list(json, "OnBuild", config.onBuild().isEmpty() ? null : config.onBuild());
        json.name("Labels");
        if (config.labels().isEmpty()) {
            json.value(JsonNull.NULL);
        } else {
            json.beginObject();
            new TreeMap<>(config.labels()).forEach(json::field);
            json.endObject();
        }
        json.field("StopSignal", orEmpty(config.stopSignal()));
        list(json, "Shell", config.shell());
        json.endObject();
    }

    private static void healthcheck(
            JsonWriter json, ContainerDefaults.@Nullable Healthcheck health) {
        if (health == null) {
            json.value(JsonNull.NULL);
            return;
        }
        json.beginObject().field("Test", health.test());
        number(json, "Interval", health.intervalNs());
        number(json, "Timeout", health.timeoutNs());
        number(json, "StartPeriod", health.startPeriodNs());
        number(json, "StartInterval", health.startIntervalNs());
        number(json, "Retries", health.retries());
        json.endObject();
    }

    private static void number(JsonWriter json, String name, long value) {
        if (value != 0) {
            json.field(name, value);
        }
    }

    private static void set(JsonWriter json, String name, List<String> names) {
        json.name(name);
        if (names.isEmpty()) {
            json.value(JsonNull.NULL);
            return;
        }
        json.beginObject();
        names.stream().sorted().forEach(one -> json.name(one).beginObject().endObject());
        json.endObject();
    }

    private static void list(JsonWriter json, String name, @Nullable List<String> texts) {
        if (texts == null) {
            json.name(name).value(JsonNull.NULL);
        } else {
            json.field(name, texts);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
