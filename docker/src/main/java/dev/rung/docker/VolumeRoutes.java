package dev.rung.docker;

import dev.rung.docker.shape.VolumeJson;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Volume;
import dev.rung.engine.Volumes;
import dev.rung.engine.spec.MountOption;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Volumes. */
final class VolumeRoutes {
    private static final Set<String> FILTERS = Set.of("dangling", "driver", "label", "name");
    private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "all");
    private static final byte[] EMPTY = {'{', '}'};
    private static final int ALL_IS_A_FILTER_SINCE = 42;

    private final Volumes volumes;

    VolumeRoutes(DockerServices services) {
        volumes = services.engine().volumes();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/volumes", this::list));
        routes.add(Route.of("POST", "/volumes/create", this::create));
        routes.add(Route.of("POST", "/volumes/prune", this::prune));
        routes.add(Route.of("GET", "/volumes/{}", this::inspect));
        routes.add(Route.of("DELETE", "/volumes/{}", this::remove));
    }

    private void list(Call call) throws IOException {
        Filters filters = call.filters().check(FILTERS);
        List<Volume> wanted =
                volumes.list().stream().filter(volume -> fits(filters, volume)).toList();
        call.json(
                200,
                json -> {
                    json.beginObject().name("Volumes");
                    json.beginArray();
                    wanted.forEach(volume -> VolumeJson.write(json, volume));
                    json.endArray().name("Warnings").value(JsonNull.NULL).endObject();
                });
    }

    private boolean fits(Filters filters, Volume volume) {
        return filters.fitsLabels(volume.labels())
                && filters.fits("name", volume.name()::contains)
                && filters.fits("driver", "local"::equals)
                && (!filters.has("dangling")
                        || filters.flag("dangling", false)
                                == volumes.users(volume.name()).isEmpty());
    }

    private void create(Call call) throws IOException {
        JsonFields body = call.optionalBody();
        String driver = body == null ? "" : NetworkRoutes.orEmpty(body, "Driver");
        try {
            MountOption.checkDriver(driver);
        } catch (Failure.NotFound e) {
            String name = body == null ? "" : NetworkRoutes.orEmpty(body, "Name");
            throw new Failure.NotFound("create " + Printable.of(name) + ": " + e.getMessage());
        }
        Volume volume = made(body == null ? JsonFields.read("volume", EMPTY) : body);
        call.json(201, json -> VolumeJson.write(json, volume));
    }

    private Volume made(JsonFields body) {
        String name = NetworkRoutes.orEmpty(body, "Name");
        try {
            return volumes.create(name, body.textMap("Labels"), body.textMap("DriverOpts"));
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid("create " + Printable.of(name) + ": " + e.getMessage());
        }
    }

    private void inspect(Call call) throws IOException {
        Volume volume = volumes.get(call.name());
        call.json(200, json -> VolumeJson.write(json, volume));
    }

    private void remove(Call call) throws IOException {
        try {
            volumes.remove(call.name());
        } catch (Failure.NotFound e) {
            if (!call.flag("force")) {
                throw e;
            }
        }
        call.empty(204);
    }

    private void prune(Call call) throws IOException {
        Filters filters = call.filters().check(PRUNE_FILTERS);
        boolean all = filters.flag("all", call.version().isBefore(ALL_IS_A_FILTER_SINCE));
        var deleted = new ArrayList<String>();
        long bytes = 0;
        for (Volume volume : volumes.list()) {
            if (!all && !volume.isAnonymous() || !filters.fitsLabels(volume.labels())) {
                continue;
            }
            long size = volumes.size(volume);
            try {
                volumes.remove(volume.name());
                deleted.add(volume.name());
                bytes += size;
            } catch (Failure.WrongState | Failure.NotFound _) {
                // it is used, or has gone
            }
        }
        long reclaimed = bytes;
        call.json(200, json -> Pruned.write(json, "VolumesDeleted", deleted, reclaimed));
    }
}
