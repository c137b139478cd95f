package dev.rung.docker.shape;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Engine;
import dev.rung.engine.Health;
import dev.rung.engine.Phase;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A container, whole or as one of a list. */
public final class ContainerJson {
    private final Engine engine;
    private final SnapshotStore snapshots;
    private final NetworkJson networks;

    public ContainerJson(Engine engine, SnapshotStore snapshots) {
        this.engine = engine;
        this.snapshots = snapshots;
        networks = new NetworkJson(engine);
    }

    /** As {@code GET /containers/{id}/json} tells it. */
    public void whole(JsonWriter json, ContainerView container, boolean sizes) {
        whole(json, container, sizes, _ -> {});
    }

    /**
     * The same with more at its end.
     *
     * @param more writes fields of its own
     */
    public void whole(
            JsonWriter json, ContainerView container, boolean sizes, Consumer<JsonWriter> more) {
        ContainerRecord record = container.record();
        List<String> argv = record.config().argv();
        Path folder = container.folder();
        json.beginObject().field("Id", record.id().value());
        json.field("Created", record.created().toString());
        json.field("Path", argv.isEmpty() ? "" : argv.getFirst());
        json.field("Args", argv.isEmpty() ? List.of() : argv.subList(1, argv.size()));
        state(json, container);
        json.field("Image", record.image());
        json.field("ResolvConfPath", folder.resolve("resolv.conf").toString());
        json.field("HostnamePath", folder.resolve("hostname").toString());
        json.field("HostsPath", folder.resolve("hosts").toString());
        boolean logs = record.host().log().driver().equals("json-file");
        json.field("LogPath", logs ? container.log().toString() : "");
        json.field("Name", "/" + record.name()).field("RestartCount", record.restarts());
        json.field("Driver", "overlay2").field("Platform", "linux");
        json.field("MountLabel", "").field("ProcessLabel", "").field("AppArmorProfile", "");
        List<String> execs = engine.execs().running(record.id());
        if (execs.isEmpty()) {
            json.name("ExecIDs").value(JsonNull.NULL);
        } else {
            json.field("ExecIDs", execs);
        }
        HostConfigJson.write(json.name("HostConfig"), record);
        graphDriver(json.name("GraphDriver"), container);
        if (sizes) {
            sizes(json, container, true);
        }
        json.name("Mounts").beginArray();
        mounts(json, record);
        json.endArray();
        ConfigJson.write(json.name("Config"), record);
        networks.settings(json.name("NetworkSettings"), container);
        more.accept(json);
        json.endObject();
    }

    /** Where its files are on the host; MergedDir only as long as they are mounted there. */
    private void graphDriver(JsonWriter json, ContainerView container) {
        String key = container.record().id().value();
        json.beginObject().name("Data").beginObject().field("ID", key);
        Path merged = engine.containers().root(container.record().id());
        switch (snapshots.find(key)) {
            case Rootfs.Copy(Path folder) ->
                    json.field("MergedDir", folder.toString()).endObject().field("Name", "vfs");
            case Rootfs.Overlay overlay -> {
                json.field("LowerDir", joined(overlay.lowers()));
                json.field("MergedDir", merged.toString());
                json.field("UpperDir", overlay.upper().toString());
                json.field("WorkDir", overlay.work().toString()).endObject();
                json.field("Name", "overlay2");
            }
        }
        json.endObject();
    }

    static String joined(List<Path> folders) {
        return folders.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    private static void state(JsonWriter json, ContainerView container) {
        Phase phase = container.phase();
        json.name("State").beginObject().field("Status", phase.toString());
        json.field("Running", phase.runs() || phase == Phase.RESTARTING);
        json.field("Paused", phase == Phase.PAUSED);
        json.field("Restarting", phase == Phase.RESTARTING);
        json.field("OOMKilled", container.oomKilled()).field("Dead", false);
        json.field("Pid", container.pid()).field("ExitCode", container.exitCode());
        json.field("Error", container.record().error());
        json.field("StartedAt", Moments.text(container.record().started()));
        json.field("FinishedAt", Moments.text(container.finished()));
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

    private void sizes(JsonWriter json, ContainerView container, boolean always) {
        String key = container.record().id().value();
        long own = 0;
        long whole = 0;
        try {
            own = snapshots.usage(key).bytes();
            whole = own;
            for (var chain : snapshots.chainOf(key)) {
                whole += snapshots.usage(chain).bytes();
            }
        } catch (Failure.NotFound _) {
            // it is removed just now, and takes nothing
        }
        if (always || own > 0) {
            json.field("SizeRw", own);
        }
        json.field("SizeRootFs", whole);
    }

    private static void mounts(JsonWriter json, ContainerRecord record) {
        for (MountPoint mount : record.mounts()) {
            if (mount.type().equals("secret")) {
                continue;
            }
            boolean asked =
                    record.host().mounts().stream()
                            .anyMatch(option -> option.target().equals(mount.destination()));
            boolean volume = mount.type().equals("volume");
            json.beginObject().field("Type", mount.type());
            json.optional("Name", mount.name().isEmpty() ? null : mount.name());
            json.field("Source", mount.source()).field("Destination", mount.destination());
            json.optional("Driver", volume ? "local" : null);
            json.field("Mode", mount.writable() ? volume && asked ? "z" : "" : "ro");
            json.field("RW", mount.writable()).field("Propagation", mount.propagation());
            json.endObject();
        }
    }

    /** All of them in short, with their sizes. */
    public void summaries(JsonWriter json, List<ContainerView> all) {
        var places = new Places(engine.connections().networks());
        Instant now = Instant.now();
        for (ContainerView container : all) {
            String status = ContainerStatus.text(container, now);
            summary(json, container, places, status, true, true);
        }
    }

    /**
     * As one of {@code GET /containers/json}.
     *
     * @param annotated whether its annotations are told, as from version 1.46 on
     * @return at which byte the text of its status ends
     */
    int summary(
            JsonWriter json,
            ContainerView container,
            Places places,
            String status,
            boolean sizes,
            boolean annotated) {
        ContainerRecord record = container.record();
        json.beginObject().field("Id", record.id().value());
        json.field("Names", List.of("/" + record.name()));
        json.field("Image", record.config().image()).field("ImageID", record.image());
        json.field("Command", String.join(" ", record.config().argv()));
        json.field("Created", record.created().getEpochSecond());
        NetworkJson.ports(json.name("Ports"), record, places.of(record));
        if (sizes) {
            sizes(json, container, false);
        }
        GoMap.write(json.name("Labels"), record.config().labels());
        json.field("State", container.phase().toString());
        json.field("Status", status);
        int end = json.position() - 1;
        json.name("HostConfig").beginObject();
        json.field("NetworkMode", HostConfigJson.networkMode(record));
        if (annotated) {
            HostConfigJson.annotations(json, record.host());
        }
        json.endObject();
        json.name("NetworkSettings").beginObject().name("Networks");
        NetworkJson.places(json, record, places);
        json.endObject().name("Mounts").beginArray();
        mounts(json, record);
        json.endArray().endObject();
        return end;
    }
}
