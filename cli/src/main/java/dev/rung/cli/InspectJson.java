package dev.rung.cli;

import dev.rung.engine.ContainerView;
import dev.rung.engine.Health;
import dev.rung.engine.Phase;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.network.Endpoint;
import dev.rung.oci.json.JsonWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What inspect tells, with the names that Docker's API has for it. */
final class InspectJson {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private InspectJson() {}

    static void container(
            JsonWriter json,
            ContainerView container,
            List<Endpoint> endpoints,
            String noUsers,
            @Nullable ContainerSize size,
            Services services) {
        ContainerRecord record = container.record();
        List<String> argv = record.config().argv();
        json.beginObject().field("Id", record.id().value());
        json.field("Created", record.created().toString());
        json.field("Path", argv.getFirst());
        json.field("Args", argv.subList(1, argv.size()));
        state(json, container);
        json.field("Image", record.image());
        String folder = container.folder().toString();
        json.field("ResolvConfPath", folder + "/resolv.conf");
        json.field("HostnamePath", folder + "/hostname");
        json.field("HostsPath", folder + "/hosts");
        json.field("LogPath", container.log().toString());
        json.field("Name", "/" + record.name());
        json.field("RestartCount", record.restarts());
        json.field("Driver", "overlay2").field("Platform", "linux");
        json.name("UserNamespace").beginObject().field("Own", noUsers.isEmpty());
        json.field("Reason", noUsers).endObject();
        if (size != null) {
            json.field("SizeRw", size.own()).field("SizeRootFs", size.whole());
        }
        record.host().write(json.name("HostConfig"));
        json.name("Mounts").beginArray();
        for (ContainerRecord.MountPoint mount : record.mounts()) {
            if (mount.type().equals("secret")) {
                continue;
            }
            json.beginObject().field("Type", mount.type());
            json.optional("Name", mount.name());
            json.field("Source", mount.source()).field("Destination", mount.destination());
            json.field("Mode", mount.writable() ? "" : "ro").field("RW", mount.writable());
            json.field("Propagation", mount.propagation()).endObject();
        }
        json.endArray();
        record.config().write(json.name("Config"));
        NetworkSettings.write(json, record, endpoints, services);
        json.endObject();
    }

    private static void state(JsonWriter json, ContainerView container) {
        Phase phase = container.phase();
        json.name("State").beginObject().field("Status", phase.toString());
        json.field("Running", phase.runs()).field("Paused", phase == Phase.PAUSED);
        json.field("Restarting", phase == Phase.RESTARTING);
        json.field("OOMKilled", container.oomKilled()).field("Dead", false);
        json.field("Pid", container.pid()).field("ExitCode", container.exitCode());
        json.field("Error", container.record().error());
        json.field("StartedAt", text(container.record().started()));
        json.field("FinishedAt", text(container.finished()));
        if (container.health() != null) {
            health(json, container.health());
        }
        json.endObject();
    }

    private static void health(JsonWriter json, Health health) {
        json.name("Health").beginObject().field("Status", health.status().toString());
        json.field("FailingStreak", health.failures()).name("Log").beginArray();
        for (Health.Result result : health.results()) {
            json.beginObject().field("Start", result.start().toString());
            json.field("End", result.end().toString()).field("ExitCode", result.code());
            json.field("Output", result.output()).endObject();
        }
        json.endArray().endObject();
    }

    private static String text(@Nullable Instant moment) {
        return moment == null ? NEVER : moment.toString();
    }
}
