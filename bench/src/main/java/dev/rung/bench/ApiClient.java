package dev.rung.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Requests to Docker's API at a unix socket, a connection for each. */
final class ApiClient {
    private static final String JSON = "application/json";
    private static final int BUFFER = 64 * 1024;

    private final Path socket;

    ApiClient(Path socket) {
        this.socket = socket;
    }

    /** The body of a good answer. */
    String ask(String method, String path, String json) {
        return send(method, path, JSON, json.getBytes(UTF_8));
    }

    /** The same with a body of any type. */
    String send(String method, String path, String type, byte[] content) {
        try (SocketChannel channel = open(method, path, type, content, "Connection: close")) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
            var head = new StringBuilder();
            while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
                head.append((char) next(in));
            }
            String said = head.toString();
            String body = new String(body(in, said), UTF_8);
            if (said.charAt(9) > '3') {
                throw new IllegalStateException(method + " " + path + ": " + said + body);
            }
            return body;
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    private static byte[] body(InputStream in, String head) throws IOException {
        if (head.startsWith("HTTP/1.1 204") || head.startsWith("HTTP/1.1 304")) {
            return new byte[0];
        } else if (!head.toLowerCase(java.util.Locale.ROOT).contains("chunked")) {
            return in.readAllBytes();
        }
        var all = new ByteArrayOutputStream();
        while (true) {
            var line = new StringBuilder();
            for (int next = next(in); next != '\n'; next = next(in)) {
                line.append((char) next);
            }
            int size = Integer.parseInt(line.toString().strip(), 16);
            all.writeBytes(in.readNBytes(size));
            in.readNBytes(2);
            if (size == 0) {
                return all.toByteArray();
            }
        }
    }

    /** The connection of a request that takes it over, after the head of its answer. */
    SocketChannel upgraded(String path) {
        try {
            SocketChannel channel =
                    open("POST", path, JSON, new byte[0], "Connection: Upgrade\r\nUpgrade: tcp");
            var one = ByteBuffer.allocate(1);
            int end = 0;
            while (end < 4) {
                channel.read(one.clear());
                end = one.get(0) == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : 0;
            }
            return channel;
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    private SocketChannel open(String method, String path, String type, byte[] body, String header)
            throws IOException {
        String head =
                method
                        + " /v1.41"
                        + path
                        + " HTTP/1.1\r\nHost: docker\r\n"
                        + header
                        + "\r\nContent-Type: "
                        + type
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n";
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        for (byte[] part : new byte[][] {head.getBytes(UTF_8), body}) {
            ByteBuffer left = ByteBuffer.wrap(part);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
        return channel;
    }

    private static int next(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("an answer broke off");
        }
        return next;
    }
}
