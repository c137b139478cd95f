package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Serves whoever connects to its sockets. */
public final class HttpServer implements AutoCloseable {
    /** So long nothing is accepted after the descriptors ran out. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final String name;
    private final HttpLimits limits;
    private final HttpHandler handler;
    private final List<ServerSocketChannel> doors = new CopyOnWriteArrayList<>();
    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();

    /** The name is for threads. */
    public HttpServer(String name, HttpLimits limits, HttpHandler handler) {
        this.name = name;
        this.limits = limits;
        this.handler = handler;
    }

    /** Serves a socket that is bound, which is closed with this. Null: without encryption. */
    public void serve(ServerSocketChannel door, @Nullable TlsSettings tls) {
        doors.add(door);
        Thread.ofVirtual().name(name + " door").start(() -> accept(door, tls));
    }

    private void accept(ServerSocketChannel door, @Nullable TlsSettings tls) {
        while (true) {
            try {
                SocketChannel channel = door.accept();
                Thread.ofVirtual().name(name).start(() -> serve(channel, tls));
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException _) {
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private void serve(SocketChannel channel, @Nullable TlsSettings tls) {
        try (channel) {
            if (!(channel.getLocalAddress() instanceof UnixDomainSocketAddress)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            Wire wire = tls == null ? new ChannelWire(channel) : new TlsWire(channel, tls);
            wires.add(wire);
            try {
                if (wires.size() > limits.connections()) {
                    refuse(wire);
                    return;
                }
                new HttpConnection(wire, limits, handler).serve();
            } finally {
                wires.remove(wire);
            }
        } catch (IOException _) {
            // it has gone
        }
    }

    private static void refuse(Wire wire) throws IOException {
        var headers = HttpHeaders.of("Connection", "close");
        byte[] content = "503 Service Unavailable: too many connections".getBytes(UTF_8);
        String more = "Content-Length: " + content.length + "\r\n";
        byte[] head = AnswerHead.of("HTTP/1.1", 503, AnswerHead.reason(503), headers, more);
        wire.write(ByteBuffer.wrap(head), ByteBuffer.wrap(content));
    }

    /** How many peers are connected. */
    public int connections() {
        return wires.size();
    }

    /** Accepts nobody any more; who is being served stays. */
    public void closeDoors() {
        for (ServerSocketChannel door : doors) {
            try {
                door.close();
            } catch (IOException _) {
                // nobody could do anything about it
            }
        }
    }

    /** Ends everything at once. */
    @Override
    public void close() {
        closeDoors();
        wires.forEach(Wire::close);
    }
}
