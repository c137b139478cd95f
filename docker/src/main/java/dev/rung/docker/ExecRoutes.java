package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.engine.Containers;
import dev.rung.engine.Exec;
import dev.rung.engine.ExecOrder;
import dev.rung.engine.Execs;
import dev.rung.engine.Phase;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import dev.rung.rpc.http.PeerStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Processes beside a container's own. */
final class ExecRoutes {
    private final Containers containers;
    private final Execs execs;

    ExecRoutes(DockerServices services) {
        containers = services.containers();
        execs = services.engine().execs();
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("POST", "/containers/{}/exec", this::create));
        routes.add(Route.of("POST", "/exec/{}/start", this::start));
        routes.add(Route.of("POST", "/exec/{}/resize", this::resize));
        routes.add(Route.of("GET", "/exec/{}/json", this::inspect));
    }

    private void create(Call call) throws IOException {
        JsonFields body = call.body();
        if (containers.get(call.name()).phase() == Phase.PAUSED) {
            throw new Failure.WrongState(
                    "Container " + call.name() + " is paused, unpause the container before exec");
        }
        if (body.texts("Cmd").isEmpty()) {
            throw new Failure.Invalid("No exec command specified");
        }
        var order =
                new ExecOrder(
                        body.texts("Cmd"),
                        env(body, body.flag("Tty")),
                        orEmpty(body, "User"),
                        orEmpty(body, "WorkingDir"),
                        body.flag("Tty"),
                        !body.flag("AttachStdout")
                                && !body.flag("AttachStderr")
                                && !body.flag("AttachStdin"),
                        body.flag("Privileged"));
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        if (body.flag("AttachStdout")) {
            outputs.add(Output.STDOUT);
        }
        if (body.flag("AttachStderr")) {
            outputs.add(Output.STDERR);
        }
        Exec exec = execs.create(call.name(), order, body.flag("AttachStdin"), outputs);
        call.json(201, json -> json.beginObject().field("Id", exec.id()).endObject());
    }

    /** A terminal's programs want to know which one it is. */
    private static List<String> env(JsonFields body, boolean tty) {
        var env = new ArrayList<>(body.texts("Env"));
        if (tty && env.stream().noneMatch(each -> each.startsWith("TERM="))) {
            env.addFirst("TERM=xterm");
        }
        return List.copyOf(env);
    }

    private static String orEmpty(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    private void start(Call call) throws IOException {
        Exec exec = execs.find(call.name());
        JsonFields body = call.optionalBody();
        checkThere(exec);
        if (body != null && body.flag("Detach")) {
            try {
                detached(exec);
            } catch (Failure.HostRefused e) {
                throw new Failure.Invalid(failed(e));
            }
            call.empty(200);
            return;
        }
        String keys = body == null ? "" : orEmpty(body, "DetachKeys");
        DetachKeys detach = DetachKeys.parse(keys);
        // As Docker: who starts it says how it is told, whatever the process has been promised.
        boolean raw = body != null && body.flag("Tty");
        String type = OutputFraming.contentType(call, raw);
        try (PeerStream stream = StreamRoutes.takeOver(call, type, call.headers())) {
            var client = new SocketClient(stream);
            try {
                var relay = new StreamRelay(client, raw, exec.order().tty() ? detach : null);
                boolean ended = relay(exec, relay, body);
                relay.finish();
                if (ended) {
                    execs.clear(exec);
                }
            } catch (Failure e) {
                String text = failed(e) + "\r\n";
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
                stream.write(OutputFraming.head(raw, Output.STDERR, bytes.remaining()), bytes);
                stream.endOutput();
            }
        }
    }

    /** Without where in our own program it was. */
    private static String failed(Failure e) {
        String why = String.valueOf(e.getMessage());
        return "OCI runtime exec failed: " + why.replaceFirst(" \\(config\\.json: [^)]*\\)$", "");
    }

    private void checkThere(Exec exec) {
        var container = containers.get(exec.container().value());
        if (container.phase() == Phase.PAUSED) {
            throw new Failure.WrongState(
                    "container "
                            + exec.container()
                            + " is paused, unpause the container before exec");
        } else if (!container.phase().runs()) {
            throw new Failure.WrongState("container " + exec.container() + " is not running");
        } else if (exec.isRunning() || exec.exitCode() != null) {
            throw new Failure.WrongState("exec command " + exec.id() + " has already run");
        }
    }

    private void detached(Exec exec) {
        Monitor monitor = execs.start(exec);
        drain(exec, monitor, null);
    }

    /** False when it goes on. */
    private boolean relay(Exec exec, StreamRelay relay, @Nullable JsonFields body) {
        Monitor monitor = execs.start(exec);
        List<Long> size = body == null ? List.of() : body.unsigned32s("ConsoleSize");
        if (exec.order().tty() && size.size() == 2) {
            monitor.window(size.getFirst().intValue(), size.getLast().intValue());
        }
        if (exec.hasInput()) {
            relay.input(monitor, true);
        }
        MonitorEvent last = relay.output(monitor);
        if (last != null) {
            execs.ended(exec, last);
            monitor.close();
            return true;
        }
        drain(exec, monitor, relay);
        return false;
    }

    /** Nobody listens any more, but how it ends is to be known. */
    private void drain(Exec exec, Monitor attached, @Nullable StreamRelay relay) {
        Thread.ofVirtual()
                .name("await exec " + exec.id())
                .start(() -> {
                    attached.close();
                    if (relay != null) {
                        relay.finish();
                    }
                    execs.awaitEnd(exec);
                });
    }

    private void resize(Call call) throws IOException {
        execs.resize(execs.find(call.name()), LifeRoutes.height(call), LifeRoutes.width(call));
        call.empty(200);
    }

    private void inspect(Call call) throws IOException {
        Exec exec = execs.find(call.name());
        call.json(200, json -> write(json, exec));
    }

    private static void write(JsonWriter json, Exec exec) {
        ExecOrder order = exec.order();
        List<String> command = order.command();
        Integer code = exec.exitCode();
        json.beginObject().field("ID", exec.id()).field("Running", exec.isRunning());
        if (code == null) {
            json.name("ExitCode").value(JsonNull.NULL);
        } else {
            json.field("ExitCode", code);
        }
        json.name("ProcessConfig").beginObject().field("tty", order.tty());
        json.field("entrypoint", command.getFirst());
        json.field("arguments", command.subList(1, command.size()));
        json.field("privileged", order.privileged());
        json.optional("user", order.user().isEmpty() ? null : order.user()).endObject();
        json.field("OpenStdin", exec.hasInput());
        json.field("OpenStderr", exec.outputs().contains(Output.STDERR));
        json.field("OpenStdout", exec.outputs().contains(Output.STDOUT)).field("CanRemove", false);
        json.field("ContainerID", exec.container().value()).field("DetachKeys", "");
        json.field("Pid", exec.pid()).endObject();
    }
}
