package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** A server at a unix socket, and a client that says what it likes. */
public final class Conversation implements AutoCloseable {
    static final HttpLimits SHORT =
            new HttpLimits(
                    4096,
                    32,
                    Duration.ofMillis(300),
                    Duration.ofMillis(300),
                    Duration.ofMillis(300),
                    8);

    private final HttpServer server;
    private final Path path;
    private SocketChannel client;

    public Conversation(Path folder, HttpLimits limits, HttpHandler handler) throws IOException {
        path = folder.resolve("s");
        var door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        door.bind(UnixDomainSocketAddress.of(path));
        server = new HttpServer("test", limits, handler);
        server.serve(door, null);
        client = connect();
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    HttpServer server() {
        return server;
    }

    public SocketChannel client() {
        return client;
    }

    void again() throws IOException {
        client.close();
        client = connect();
    }

    public void say(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /** What comes until it holds this, or up to the end. */
    public String hear(String until) throws IOException {
        var heard = new StringBuilder();
        var bytes = ByteBuffer.allocate(4096);
        while (heard.indexOf(until) < 0 && client.read(bytes.clear()) >= 0) {
            heard.append(ISO_8859_1.decode(bytes.flip()));
        }
        return heard.toString();
    }

    String hearAll() throws IOException {
        return hear("\0 never");
    }

    @Override
    public void close() throws IOException {
        server.close();
        client.close();
    }
}
