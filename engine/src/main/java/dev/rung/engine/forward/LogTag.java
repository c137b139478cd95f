package dev.rung.engine.forward;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.template.GoTemplate;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What an entry is called by: a template over the names of its container and image. */
public final class LogTag {
    private static final String DEFAULT = "{{.ID}}";
    private static final int SHORT = 12;

    private LogTag() {}

    /**
     * The tag. Invalid when the template is none, or asks for what is not there.
     *
     * @param template empty: the short id
     */
    public static String of(ContainerRecord record, String template) {
        try {
            return GoTemplate.parse(template.isEmpty() ? DEFAULT : template).of(names(record));
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    "template: log-tag: " + e.getMessage() + ": " + Printable.of(template));
        }
    }

    private static JsonObject names(ContainerRecord record) {
        ContainerConfig config = record.config();
        String id = record.id().value();
        String image = record.image().substring(record.image().indexOf(':') + 1);
        List<String> argv = config.argv();
        var json = JsonWriter.compact();
        json.beginObject()
                .field("ID", shortened(id))
                .field("FullID", id)
                .field("Name", record.name().value())
                .field("Command", String.join(" ", argv))
                // as Docker: twelve characters, the name of the algorithm among them
                .field("ImageID", shortened("sha256:" + image))
                .field("ImageFullID", "sha256:" + image)
                .field("ImageName", config.image())
                .field("Hostname", hostname())
                .field("ContainerID", id)
                .field("ContainerName", "/" + record.name())
                .field("ContainerEntrypoint", argv.isEmpty() ? "" : argv.getFirst())
                .field("ContainerArgs", argv.subList(Math.min(1, argv.size()), argv.size()))
                .field("ContainerImageID", "sha256:" + image)
                .field("ContainerImageName", config.image())
                .field("ContainerCreated", record.created().toString())
                .field("ContainerEnv", config.env())
                .field("DaemonName", "docker");
        json.name("ContainerLabels").beginObject();
        config.labels().forEach(json::field);
        json.endObject().name("Config").beginObject();
        record.host().log().options().forEach(json::field);
        return (JsonObject) Json.read("log-tag", json.endObject().endObject().bytes());
    }

    static String shortened(String id) {
        return id.substring(0, Math.min(SHORT, id.length()));
    }

    /** Of this machine. */
    private static String hostname() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new Failure.HostRefused("logger: can not resolve hostname: " + e.getMessage(), e);
        }
    }
}
