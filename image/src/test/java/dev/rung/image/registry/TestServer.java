package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on loopback that says what a test wants, byte by byte if need be. */
final class TestServer implements AutoCloseable {
    /** What came, its header names in small letters. */
    record Request(String method, String target, Map<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        String path() {
            int query = target.indexOf('?');
            return query < 0 ? target : target.substring(0, query);
        }

        @Override
        public String toString() {
            return method + " " + target;
        }
    }

    /** Answers one request; the connection is closed after it when it throws or says so. */
    interface Handler {
        void answer(Request request, Answer answer) throws IOException, InterruptedException;
    }

    /** The way back. */
    static final class Answer {
        private final OutputStream out;
        private boolean close;

        Answer(OutputStream out) {
            this.out = out;
        }

        /** A whole answer; headers as name, value, name, value. */
        void send(int status, byte[] body, String... headers) throws IOException {
            head(status, body.length, headers);
            out.write(body);
            out.flush();
        }

        /** Only the head, promising so many bytes. */
        void head(int status, long length, String... headers) throws IOException {
            var head = new StringBuilder("HTTP/1.1 " + status + " x\r\n");
            head.append("Content-Length: ").append(length).append("\r\n");
            for (int i = 0; i < headers.length; i += 2) {
                head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
            }
            raw(head.append("\r\n").toString().getBytes(ISO_8859_1));
        }

        void raw(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        void raw(String text) throws IOException {
            raw(text.getBytes(ISO_8859_1));
        }

        /** Ends the connection after this answer. */
        void close() {
            close = true;
        }
    }

    private final ServerSocket socket;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Handler handler;

    TestServer(Handler handler) {
        this(0, handler);
    }

    TestServer(int port, Handler handler) {
        this(plain(port), handler);
    }

    TestServer(ServerSocket socket, Handler handler) {
        this.socket = socket;
        this.handler = handler;
        Thread.ofVirtual().start(this::accept);
    }

    private static ServerSocket plain(int port) {
        try {
            return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a registry's name: host and port. */
    String host() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return socket.getLocalPort();
    }

    /** New connections are refused. */
    void stopListening() throws IOException {
        socket.close();
    }

    /** How many requests began so. */
    long count(String start) {
        return requests.stream().filter(one -> one.toString().startsWith(start)).count();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            while (true) {
                Request request = read(in);
                requests.add(request);
                var answer = new Answer(connection.getOutputStream());
                handler.answer(request, answer);
                if (answer.close) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // the client or the test went away
        }
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ");
        if (first.length < 3) {
            throw new IOException("no request");
        }
        var headers = new LinkedHashMap<String, String>();
        while (true) {
            String field = line(in);
            if (field.isEmpty()) {
                break;
            }
            int colon = field.indexOf(':');
            headers.merge(
                    field.substring(0, colon).toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).strip(),
                    (one, other) -> one + ", " + other);
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(first[0], first[1], headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("end");
            }
            line.write(c);
        }
        return line.toString(ISO_8859_1).strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
    }
}
