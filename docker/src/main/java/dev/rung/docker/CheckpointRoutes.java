package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Checkpoints;
import dev.rung.engine.Engine;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checkpoints of containers, which Docker has only where it is experimental. */
final class CheckpointRoutes {
    private final Checkpoints checkpoints;
    private final WrittenSettings settings;

    CheckpointRoutes(DockerServices services) {
        checkpoints = services.engine().checkpoints();
        settings = services.settings();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("GET", "/containers/{}/checkpoints", this::list));
        routes.add(Route.of("POST", "/containers/{}/checkpoints", this::create));
        routes.add(Route.of("DELETE", "/containers/{}/checkpoints/{}", this::remove));
    }

    private void check() {
        if (!settings.experimental()) {
            throw new StatusFailure(
                    501,
                    "This experimental feature is disabled by default. Start the Docker daemon in"
                            + " experimental mode in order to enable it.");
        }
    }

    private void list(Call call) throws IOException {
        check();
        List<String> names = checkpoints.list(call.name(), folder(call.text("dir")));
        call.json(
                200,
                json -> {
                    json.beginArray();
                    names.forEach(name -> json.beginObject().field("Name", name).endObject());
                    json.endArray();
                });
    }

    private void create(Call call) throws IOException {
        check();
        JsonFields body = call.body();
        String checkpoint = body.optionalText("CheckpointID");
        String folder = body.optionalText("CheckpointDir");
        checkpoints.create(
                call.name(),
                checkpoint == null ? "" : checkpoint,
                folder(folder == null ? "" : folder),
                Boolean.TRUE.equals(body.optionalFlag("Exit")));
        call.empty(201);
    }

    private void remove(Call call) throws IOException {
        check();
        checkpoints.remove(call.name(), call.names().get(1), folder(call.text("dir")));
        call.empty(204);
    }

    /** As "start" has it: whether it did not run yet. */
    static boolean start(Engine engine, Call call, String id) {
        String checkpoint = call.text("checkpoint");
        if (checkpoint.isEmpty()) {
            return engine.containers().start(id, _ -> {});
        } else if (!call.experimental()) {
            throw new Failure.Invalid("checkpoint is only supported in experimental mode");
        }
        Path folder = folder(call.text("checkpoint-dir"));
        return engine.checkpoints().start(id, checkpoint, folder, _ -> {});
    }

    private static @Nullable Path folder(String path) {
        if (path.isEmpty()) {
            return null;
        }
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure.Invalid(
                    "invalid checkpoint directory \""
                            + Printable.of(path)
                            + "\": want an absolute path");
        }
        return Path.of(path).normalize();
    }
}
