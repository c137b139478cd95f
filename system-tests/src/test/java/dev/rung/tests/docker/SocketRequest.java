package dev.rung.tests.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One request over a unix socket and its whole answer, byte by byte what is written here: no client
 * library stands between.
 *
 * @param type of the body's content; empty: no such header
 */
record SocketRequest(String method, String path, String type, byte[] body) {
    private static final byte[] NOTHING = new byte[0];

    /** What came back; the names of headers in lower case. */
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    static SocketRequest of(String method, String path) {
        return new SocketRequest(method, path, "", NOTHING);
    }

    static SocketRequest json(String method, String path, String json) {
        return new SocketRequest(method, path, "application/json", json.getBytes(UTF_8));
    }

    /** The bytes that are sent; the connection is closed after the answer. */
    byte[] bytes() {
        var head = new StringBuilder();
        head.append(method).append(' ').append(escaped(path)).append(" HTTP/1.1\r\n");
        head.append("Host: docker\r\nConnection: close\r\nX-Registry-Auth: e30=\r\n");
        if (!type.isEmpty()) {
            head.append("Content-Type: ").append(type).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.toString().getBytes(UTF_8));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    private static String escaped(String path) {
        return path.replace("\"", "%22").replace("{", "%7B").replace("}", "%7D");
    }

    Answer ask(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            send(channel, bytes());
            return read(channel, method.equals("HEAD"));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        }
    }

    /** Who does not want it all answers before it was read, and that answer counts. */
    private static void send(SocketChannel channel, byte[] bytes) {
        try {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        } catch (IOException _) {
            // the answer tells
        }
    }

    /** An answer to the end of its body; one to HEAD has none. */
    static Answer read(SocketChannel channel, boolean bare) throws IOException {
        InputStream in = Channels.newInputStream(channel);
        String first = line(in);
        int status = Integer.parseInt(first.split(" ")[1]);
        var headers = new LinkedHashMap<String, String>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        bare |= status == 204 || status == 304;
        return new Answer(status, headers, bare ? NOTHING : body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        if (length != null) {
            return in.readNBytes(Integer.parseInt(length));
        }
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            var all = new ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(line(in), 16);
                all.writeBytes(in.readNBytes(size));
                line(in);
                if (size == 0) {
                    return all.toByteArray();
                }
            }
        }
        return in.readAllBytes();
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the answer broke off: " + line.toString(ISO_8859_1));
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(ISO_8859_1);
    }
}
