package dev.rung.docker.shape;

import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Config of a container, with what Docker's clients expect besides what was asked for. */
final class ConfigJson {
    private static final int SHORT_ID = 12;

    private ConfigJson() {}

    static void write(JsonWriter json, ContainerRecord record) {
        ContainerConfig config = record.config();
        String hostname = config.hostname();
        boolean own = !record.host().network().toString().equals("host");
        json.beginObject();
        json.field(
                "Hostname",
                hostname.isEmpty() && own ? record.id().value().substring(0, SHORT_ID) : hostname);
        json.field("Domainname", config.domainname()).field("User", config.user());
        json.field("AttachStdin", config.client().stdin());
        json.field("AttachStdout", config.client().stdout());
        json.field("AttachStderr", config.client().stderr());
        if (!config.exposedPorts().isEmpty()) {
            set(json.name("ExposedPorts"), config.exposedPorts());
        }
        json.field("Tty", config.tty()).field("OpenStdin", config.openStdin());
        json.field("StdinOnce", config.stdinOnce()).field("Env", config.env());
        listOrNull(json, "Cmd", config.cmd().isEmpty() ? null : config.cmd());
        if (config.healthCheck() != null) {
            config.healthCheck().write(json.name("Healthcheck"));
        }
        json.field("Image", config.image());
        if (config.volumes().isEmpty()) {
            json.name("Volumes").value(JsonNull.NULL);
        } else {
            set(json.name("Volumes"), config.volumes());
        }
        json.field("WorkingDir", config.workingDir());
        listOrNull(json, "Entrypoint", config.entrypoint());
        json.name("OnBuild").value(JsonNull.NULL);
        GoMap.write(json.name("Labels"), config.labels());
        json.optional("StopSignal", config.stopSignal().isEmpty() ? null : config.stopSignal());
        if (config.stopTimeoutSeconds() != null) {
            json.field("StopTimeout", config.stopTimeoutSeconds());
        }
        json.endObject();
    }

    private static void set(JsonWriter json, List<String> names) {
        json.beginObject();
        for (String name : names) {
            json.name(name).beginObject().endObject();
        }
        json.endObject();
    }

    static void listOrNull(JsonWriter json, String name, @Nullable List<String> texts) {
        if (texts == null) {
            json.name(name).value(JsonNull.NULL);
        } else {
            json.field(name, texts);
        }
    }
}
