package dev.rung.docker;

import dev.rung.domain.Failure;
import dev.rung.engine.Attendant;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Phase;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.Output;
import dev.rung.rpc.http.HttpHeaders;
import dev.rung.rpc.http.PeerStream;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A container's streams: attaching to them, and its log. */
final class StreamRoutes {
    private static final int LONGEST_MESSAGE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String RAW = "application/vnd.docker.raw-stream";

    private final Containers containers;
    private final ContainerLog log;

    StreamRoutes(DockerServices services) {
        containers = services.containers();
        log = new ContainerLog(services.engine());
    }

    void addTo(List<Route> routes) {
        routes.add(Route.of("POST", "/containers/{}/attach", this::attach));
        routes.add(Route.of("GET", "/containers/{}/attach/ws", this::attachByMessages));
        routes.add(Route.of("GET", "/containers/{}/logs", log::answer));
    }

    /** What is wanted of a container's streams. */
    private record Wish(
            ContainerView container, Set<Output> outputs, boolean input, boolean stays, Call call) {
        boolean tty() {
            return container.record().config().tty();
        }
    }

    private Wish wish(Call call) {
        ContainerView container = containers.get(call.name());
        if (container.phase() == Phase.PAUSED) {
            throw new Failure.WrongState(
                    "container "
                            + container.record().id()
                            + " is paused, unpause the container before attach");
        }
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        if (call.flag("stdout")) {
            outputs.add(Output.STDOUT);
        }
        if (call.flag("stderr")) {
            outputs.add(Output.STDERR);
        }
        boolean input = call.flag("stdin") && container.record().config().openStdin();
        return new Wish(container, outputs, input, call.flag("stream"), call);
    }

    private void attach(Call call) throws IOException, InterruptedException {
        Wish wish = wish(call);
        DetachKeys keys = DetachKeys.parse(call.text("detachKeys"));
        String type = OutputFraming.contentType(call, wish.tty());
        String id = wish.container.record().id().value();
        boolean logs = call.flag("logs");
        // what was written before comes first; else a client starts the container once it is told
        boolean early = wish.stays && !(logs && wish.container.phase().runs());
        var run = early ? run(wish) : new CompletableFuture<@Nullable Monitor>();
        try (PeerStream stream = takeOver(call, type, new HttpHeaders())) {
            containers.tellAttached(id, true);
            if (logs) {
                log.replay(wish.container, wish.outputs, (head, text) -> stream.write(head, text));
            }
            if (wish.stays) {
                var joined = early ? run : run(wish);
                relay(wish, joined, new SocketClient(stream), wish.tty() ? keys : null);
            }
        } catch (IOException e) {
            letGo(run);
            throw e;
        }
    }

    private void attachByMessages(Call call) throws IOException, InterruptedException {
        Wish wish = wish(call);
        var run = run(wish);
        try (WebSocket socket = WebSocket.accept(call.exchange(), List.of(), LONGEST_MESSAGE)) {
            if (socket != null) {
                relay(wish, run, new WebSocketClient(socket), null);
            } else {
                letGo(run);
            }
        } catch (IOException e) {
            letGo(run);
            throw e;
        }
    }

    /** Nobody will read what comes of it. */
    private static void letGo(CompletableFuture<@Nullable Monitor> run) {
        var _ =
                run.thenAccept(monitor -> {
                    if (monitor != null) {
                        monitor.close();
                    }
                });
    }

    /** With the headers that a client waits for, whether or not it asked for an upgrade. */
    static PeerStream takeOver(Call call, String contentType, HttpHeaders more) throws IOException {
        if (!call.exchange().request().headers().has("Upgrade", "tcp")) {
            return call.exchange().takeOver(200, "OK", more.add("Content-Type", RAW));
        }
        more.add("Content-Type", contentType);
        more.add("Connection", "Upgrade").add("Upgrade", "tcp");
        return call.exchange().takeOver(101, "UPGRADED", more);
    }

    private static void relay(
            Wish wish,
            CompletableFuture<@Nullable Monitor> run,
            StreamRelay.Client client,
            @Nullable DetachKeys keys)
            throws InterruptedException {
        var relay = new StreamRelay(client, wish.tty(), keys);
        try (Monitor monitor = joined(run)) {
            if (monitor == null) {
                return;
            }
            if (wish.input) {
                relay.input(monitor, wish.container.record().config().stdinOnce());
            }
            relay.output(monitor);
        } finally {
            relay.finish();
        }
    }

    private static @Nullable Monitor joined(CompletableFuture<@Nullable Monitor> run)
            throws InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // nobody completes it so
        }
    }

    /**
     * Joins this run, or the next one; null comes when that comes to nothing. From when this
     * returns nothing is missed.
     */
    private CompletableFuture<@Nullable Monitor> run(Wish wish) {
        String id = wish.container.record().id().value();
        var coming = new CompletableFuture<@Nullable Monitor>();
        var attendant =
                new Attendant() {
                    @Override
                    public void created(ContainerFolders folders) {
                        try {
                            coming.complete(attached(folders, wish.outputs));
                        } catch (Failure e) {
                            coming.complete(null);
                        }
                    }

                    @Override
                    public void dismissed() {
                        coming.complete(null);
                    }
                };
        try {
            if (!containers.attend(id, attendant)) {
                coming.complete(attached(containers.folders(id), wish.outputs));
            }
        } catch (Failure.NotFound e) {
            coming.complete(null); // it has ended meanwhile
        }
        return coming;
    }

    private static Monitor attached(ContainerFolders folders, Set<Output> outputs) {
        Monitor monitor = Monitor.connect(folders);
        monitor.attach(outputs, PATIENCE);
        return monitor;
    }

    /** Takes a piece of output, framed. */
    interface Sink {
        void take(ByteBuffer head, ByteBuffer text) throws IOException;
    }
}
