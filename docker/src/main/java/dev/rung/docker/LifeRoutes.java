package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.Phase;
import dev.rung.engine.Signals;
import dev.rung.engine.spec.ContainerName;
import dev.rung.oci.json.JsonNull;
import dev.rung.rpc.http.BodyOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A container's life, from its start to its removal. */
final class LifeRoutes {
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int EMPTY_JSON = 2; // bytes
    private static final int LONGEST_BODY = 1 << 20;

    private final Engine engine;
    private final Containers containers;

    LifeRoutes(DockerServices services) {
        engine = services.engine();
        containers = services.containers();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("POST", "/containers/{}/start", this::start));
        routes.add(Route.of("POST", "/containers/{}/stop", this::stop));
        routes.add(Route.of("POST", "/containers/{}/restart", this::restart));
        routes.add(Route.of("POST", "/containers/{}/kill", this::kill));
        routes.add(Route.of("POST", "/containers/{}/pause", this::pause));
        routes.add(Route.of("POST", "/containers/{}/unpause", this::unpause));
        routes.add(Route.of("POST", "/containers/{}/rename", this::rename));
        routes.add(Route.of("POST", "/containers/{}/update", this::update));
        routes.add(Route.of("POST", "/containers/{}/resize", this::resize));
        routes.add(Route.of("POST", "/containers/{}/wait", this::await));
        routes.add(Route.of("DELETE", "/containers/{}", this::remove));
        routes.add(Route.of("DELETE", "/containers/{}/{}", this::removeLink));
    }

    private void start(Call call) throws IOException {
        if (call.exchange().bodyUpTo(LONGEST_BODY).length > EMPTY_JSON) {
            throw new Failure.Invalid(
                    "starting container with non-empty request body was deprecated since API v1.22"
                            + " and removed in v1.24");
        }
        ContainerView view = containers.get(call.name());
        String id = view.record().id().value();
        try {
            call.empty(CheckpointRoutes.start(engine, call, id) ? 204 : 304);
        } catch (Failure e) {
            ContainerView after = containers.get(id);
            if (view.record().host().autoRemove() && !after.phase().runs()) {
                containers.remove(id, true, true); // docker run waits for that
            }
            if (!(e instanceof Failure.HostRefused)) {
                throw e;
            }
            int code = after.exitCode();
            if (code == NOT_FOUND || code == NOT_EXECUTABLE) {
                throw new Failure.Invalid(failed(e));
            }
            throw new Failure.HostRefused(failed(e), e);
        }
    }

    private static String failed(Failure e) {
        String why = String.valueOf(e.getMessage());
        String runtime = "failed to create shim task: OCI runtime create failed: ";
        return "failed to create task for container: "
                + (why.startsWith("failed to initialize logging driver: ") ? "" : runtime)
                + why;
    }

    private static @Nullable Duration patience(Call call) {
        Long seconds = call.number("t");
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private void stop(Call call) throws IOException {
        ContainerView view = containers.get(call.name());
        if (!view.phase().runs() && view.phase() != Phase.RESTARTING) {
            call.empty(304);
            return;
        }
        containers.stop(call.name(), patience(call));
        call.empty(204);
    }

    private void restart(Call call) throws IOException {
        containers.restart(call.name(), patience(call));
        call.empty(204);
    }

    private void kill(Call call) throws IOException {
        String signal = call.text("signal");
        containers.kill(call.name(), signal.isEmpty() ? Signals.KILL : known(call, signal));
        call.empty(204);
    }

    private static int known(Call call, String signal) {
        try {
            return Signals.parse(signal);
        } catch (Failure.Invalid _) {
            throw new Failure.Invalid(
                    "cannot kill container: "
                            + call.name()
                            + ": invalid signal: "
                            + Printable.of(signal));
        }
    }

    private void pause(Call call) throws IOException {
        containers.pause(call.name());
        call.empty(204);
    }

    private void unpause(Call call) throws IOException {
        try {
            containers.unpause(call.name());
        } catch (Failure.WrongState e) {
            throw new StatusFailure(500, String.valueOf(e.getMessage()));
        }
        call.empty(204);
    }

    private void rename(Call call) throws IOException {
        String name = call.text("name");
        if (name.isEmpty()) {
            throw new Failure.Invalid("Neither old nor new names may be empty");
        }
        String id = containers.get(call.name()).record().id().value();
        try {
            containers.rename(
                    id, new ContainerName(name.startsWith("/") ? name.substring(1) : name));
        } catch (Failure e) {
            String why = String.valueOf(e.getMessage());
            throw StatusFailure.of(
                    e,
                    "Error when allocating new name: "
                            + why.replaceFirst("^Invalid container name \\(/?", "$0/")
                                    .replaceFirst("\\(//", "(/"));
        }
        call.empty(204);
    }

    /** What the body does not name stays as it is. */
    private void update(Call call) throws IOException {
        var body = call.body();
        containers.update(call.name(), host -> host.changedBy(body));
        call.json(
                200, json -> json.beginObject().name("Warnings").value(JsonNull.NULL).endObject());
    }

    private void resize(Call call) throws IOException {
        containers.resize(call.name(), height(call), width(call));
        call.empty(200);
    }

    static int height(Call call) {
        return size(call, "h", "height");
    }

    static int width(Call call) {
        return size(call, "w", "width");
    }

    private static int size(Call call, String parameter, String what) {
        String text = call.text(parameter);
        String why = "invalid syntax";
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= 0xffff) {
                return number;
            }
            why = "value out of range";
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid(
                "invalid resize " + what + " \"" + Printable.of(text) + "\": " + why);
    }

    /** Says at once that it waits, because clients start the container only then. */
    private void await(Call call) throws IOException, InterruptedException {
        String condition = call.text("condition");
        CompletableFuture<Integer> code =
                switch (condition) {
                    case "", "not-running" -> containers.ended(call.name());
                    case "next-exit" -> containers.nextEnd(call.name());
                    case "removed" -> containers.removed(call.name());
                    default ->
                            throw new Failure.Invalid(
                                    "invalid condition: \"" + Printable.of(condition) + "\"");
                };
        CompletableFuture<Integer> waiting = code.copy();
        try (BodyOutput out = call.stream(Call.JSON)) {
            out.flush();
            call.exchange().whenGone(() -> waiting.cancel(false));
            String answer = "{\"StatusCode\":" + waiting.get() + "}\n";
            out.write(answer.getBytes(StandardCharsets.UTF_8));
        } catch (CancellationException e) {
            throw new IOException("nobody waits any more", e);
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    private void remove(Call call) throws IOException {
        if (call.flag("link")) {
            throw new StatusFailure(
                    500, "Conflict, cannot remove the default link name of the container");
        }
        containers.remove(call.name(), call.flag("force"), call.flag("v"));
        call.empty(204);
    }

    /** A link is called as its container and its alias are. */
    private void removeLink(Call call) throws IOException {
        String alias = call.names().getLast();
        if (!call.flag("link")) {
            throw new Failure.NotFound("No such container: " + call.name() + "/" + alias);
        }
        containers.unlink(call.name(), alias);
        call.empty(204);
    }
}
