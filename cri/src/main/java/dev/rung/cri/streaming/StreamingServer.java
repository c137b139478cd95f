package dev.rung.cri.streaming;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerProcesses;
import dev.rung.engine.ContainerProcesses.Running;
import dev.rung.engine.ExecOrder;
import dev.rung.engine.Pods;
import dev.rung.engine.monitor.Streams;
import dev.rung.rpc.WireStatus;
import dev.rung.rpc.http.HttpExchange;
import dev.rung.rpc.http.HttpHeaders;
import dev.rung.rpc.http.HttpLimits;
import dev.rung.rpc.http.HttpRequest;
import dev.rung.rpc.http.HttpServer;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves those whom a kubelet sends here; begins with the first of them. */
public final class StreamingServer implements AutoCloseable {
    private static final String VERSIONS = "X-Stream-Protocol-Version";
    private static final String SPDY = "SPDY/3.1";

    private final ContainerProcesses processes;
    private final Pods pods;
    private final StreamOrders orders;
    private final HttpServer server;
    private @Nullable String address;

    public StreamingServer(ContainerProcesses processes, Pods pods, Clock clock) {
        this.processes = processes;
        this.pods = pods;
        this.orders = new StreamOrders(clock);
        this.server = new HttpServer("streams", HttpLimits.USUAL, this::handle);
    }

    /** Where a client finds its streams, within a minute and once. */
    public String url(StreamOrder order) {
        return "http://" + begin() + "/" + order.verb() + "/" + orders.add(order);
    }

    private synchronized String begin() {
        String known = address;
        if (known != null) {
            return known;
        }
        try {
            var door = ServerSocketChannel.open();
            door.bind(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
            String fresh = "127.0.0.1:" + ((InetSocketAddress) door.getLocalAddress()).getPort();
            server.serve(door, null);
            address = fresh;
            return fresh;
        } catch (IOException e) {
            throw new Failure.HostRefused("listen for streams: " + e.getMessage(), e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        HttpRequest request = exchange.request();
        String[] parts = request.path().split("/", -1);
        StreamOrder order = parts.length == 3 ? orders.take(parts[2]) : null;
        if (order == null || !order.verb().equals(parts[1])) {
            refuse(exchange, new Failure.NotFound("no such stream"));
        } else if (WebSocket.isWanted(request)) {
            webSocket(exchange, order);
        } else if (request.headers().has("Upgrade", SPDY)) {
            spdy(exchange, order);
        } else {
            refuse(exchange, new Failure.Invalid("want an upgrade to " + SPDY + " or websocket"));
        }
    }

    private static void refuse(HttpExchange exchange, Failure failure) throws IOException {
        String why = String.valueOf(failure.getMessage());
        exchange.answer(
                WireStatus.of(failure).http(),
                HttpHeaders.of("Content-Type", "text/plain"),
                why.getBytes(StandardCharsets.UTF_8));
    }

    private void webSocket(HttpExchange exchange, StreamOrder order) throws IOException {
        List<String> protocols =
                order instanceof StreamOrder.Forward
                        ? WebSocketForwarding.PROTOCOLS
                        : WebSocketStreams.PROTOCOLS;
        if (order instanceof StreamOrder.Forward
                && exchange.request()
                        .headers()
                        .has("Sec-WebSocket-Protocol", PortForwarding.TUNNEL)) {
            protocols = List.of(PortForwarding.TUNNEL);
        }
        WebSocket socket = WebSocket.accept(exchange, protocols, WebSocketStreams.LONGEST_MESSAGE);
        if (socket == null) {
            return;
        }
        try (socket) {
            if (!(order instanceof StreamOrder.Forward forward)) {
                run(order, new WebSocketStreams(socket));
            } else if (socket.protocol().equals(PortForwarding.TUNNEL)) {
                forward(forward, Pipe.over(socket));
            } else {
                new WebSocketForwarding(pods, forward, socket).run();
            }
        }
    }

    private void spdy(HttpExchange exchange, StreamOrder order) throws IOException {
        HttpHeaders asked = exchange.request().headers();
        List<String> known =
                order instanceof StreamOrder.Forward
                        ? List.of(PortForwarding.PROTOCOL)
                        : SpdyStreams.PROTOCOLS;
        String agreed = "";
        for (String protocol : known) {
            if (agreed.isEmpty() && asked.has(VERSIONS, protocol)) {
                agreed = protocol;
            }
        }
        if (agreed.isEmpty() && !asked.all(VERSIONS).isEmpty()) {
            refuse(exchange, new Failure.Denied("unable to upgrade: want one of " + known));
            return;
        }
        var headers = HttpHeaders.of("Connection", "Upgrade").add("Upgrade", SPDY);
        if (!agreed.isEmpty()) {
            headers.add(VERSIONS, agreed);
        }
        try (Pipe pipe = Pipe.over(exchange.takeOver(101, "Switching Protocols", headers))) {
            switch (order) {
                case StreamOrder.Forward forward -> forward(forward, pipe);
                case StreamOrder.Exec exec ->
                        run(
                                exec,
                                SpdyStreams.open(new SpdyConnection(pipe), agreed, exec.wanted()));
                case StreamOrder.Attach attach ->
                        run(
                                attach,
                                SpdyStreams.open(
                                        new SpdyConnection(pipe), agreed, attach.wanted()));
            }
        }
    }

    private void forward(StreamOrder.Forward order, Pipe pipe) {
        new PortForwarding(pods, order.pod(), new SpdyConnection(pipe)).run();
    }

    private void run(StreamOrder order, RemoteStreams client) {
        try (client) {
            try {
                switch (order) {
                    case StreamOrder.Exec exec -> exec(exec, client);
                    case StreamOrder.Attach attach -> attach(attach, client);
                    case StreamOrder.Forward _ -> {}
                }
            } catch (Failure e) {
                RemoteCommand.refuse(client, e);
            }
        }
    }

    private void exec(StreamOrder.Exec exec, RemoteStreams client) {
        StreamOrder.Wanted wanted = exec.wanted();
        var order = new ExecOrder(exec.command(), List.of(), "", "", wanted.tty(), false, false);
        Streams streams =
                wanted.tty() ? new Streams.Terminal(0, 0) : new Streams.Pipes(wanted.stdin());
        try (Running process = processes.start(exec.container(), order, streams)) {
            new RemoteCommand(process, wanted, true).run(client);
        }
    }

    private void attach(StreamOrder.Attach attach, RemoteStreams client) {
        try (Running process = processes.attach(attach.container())) {
            new RemoteCommand(process, attach.wanted(), process.endsInput()).run(client);
        }
    }

    /** Serves nobody any more. */
    @Override
    public void close() {
        server.close();
    }
}
