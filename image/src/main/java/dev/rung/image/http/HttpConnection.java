package dev.rung.image.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;

/** One connection to a server or a proxy, for one request after another. */
final class HttpConnection {
    private static final int BUFFER = 8 * 1024;
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int MOST_HEADERS = 256;
    private static final int MOST_INTERIM = 8;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final HttpConnections owner;
    private final Route route;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;

    HttpConnection(Socket socket, HttpConnections owner, Route route) throws IOException {
        this.socket = socket;
        this.owner = owner;
        this.route = route;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    Route route() {
        return route;
    }

    /**
     * Sends the request and reads the head of its answer. The connection is closed when anything
     * fails.
     */
    HttpResponse exchange(HttpRequest request) throws IOException {
        try {
            send(request);
            return readHead(request);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void send(HttpRequest request) throws IOException {
        URI uri = request.uri();
        var head = new StringBuilder(512);
        head.append(request.method()).append(' ');
        if (route.proxyTakesWholeAddress()) {
            head.append("http://").append(uri.getRawAuthority());
        }
        String path = uri.getRawPath();
        head.append(path == null || path.isEmpty() ? "/" : path);
        if (uri.getRawQuery() != null) {
            head.append('?').append(uri.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(route.hostHeader()).append("\r\n");
        route.writeProxyHeaders(head);
        request.headers().write(head);
        RequestBody body = request.body();
        if (body != null) {
            head.append("Content-Length: ").append(body.length()).append("\r\n");
        } else if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            head.append("Content-Length: 0\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
        if (body != null) {
            writeBody(body);
        }
        out.flush();
    }

    /** A server may refuse before it has read all, and close: its answer is then what counts. */
    private void writeBody(RequestBody body) throws IOException {
        try (var watch = new StallWatch(socket, out, owner.readTimeout())) {
            body.writeTo(watch.stream());
        } catch (IOException e) {
            if (in.available() == 0) {
                throw e;
            }
        }
    }

    private HttpResponse readHead(HttpRequest request) throws IOException {
        for (int interim = 0; interim < MOST_INTERIM; interim++) {
            String line = readLine();
            int status = status(line);
            var headers = new Headers();
            for (int count = 0; ; count++) {
                String field = readLine();
                if (field.isEmpty()) {
                    break;
                }
                int colon = field.indexOf(':');
                if (colon <= 0 || count == MOST_HEADERS) {
                    throw new IOException("the answer is no HTTP");
                }
                try {
                    headers.add(field.substring(0, colon), field.substring(colon + 1).strip());
                } catch (IllegalArgumentException e) {
                    throw new IOException("the answer is no HTTP", e);
                }
            }
            if (status >= 200 || status == 101) {
                boolean old = line.startsWith("HTTP/1.0");
                return new HttpResponse(
                        request.uri(), status, headers, body(request, status, headers, old));
            }
        }
        throw new IOException("the server keeps answering that it will answer");
    }

    private static int status(String line) throws IOException {
        if (line.startsWith("HTTP/1.") && line.length() >= 12) {
            try {
                int status = Integer.parseInt(line.substring(9, 12));
                if (status >= 100 && status < 1000) {
                    return status;
                }
            } catch (NumberFormatException e) {
                // falls through
            }
        }
        throw new IOException("the answer is no HTTP");
    }

    private MessageBody body(HttpRequest request, int status, Headers headers, boolean old)
            throws IOException {
        String connection = headers.get("Connection");
        boolean keep =
                connection == null
                        ? !old
                        : old
                                ? connection.equalsIgnoreCase("keep-alive")
                                : !connection.equalsIgnoreCase("close");
        if (request.method().equals("HEAD") || status == 204 || status == 304) {
            return new MessageBody(this, 0, keep);
        }
        String coding = headers.get("Transfer-Encoding");
        if (coding != null) {
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new IOException("the answer has an unknown transfer coding");
            }
            return new MessageBody(this, MessageBody.CHUNKED, keep);
        }
        if (headers.get("Content-Length") == null) {
            return new MessageBody(this, MessageBody.UNTIL_CLOSE, false);
        }
        long length = headers.number("Content-Length");
        if (length < 0) {
            throw new IOException("the answer has a wrong length");
        }
        return new MessageBody(this, length, keep);
    }

    /** Up to the line feed, without the line's end. */
    String readLine() throws IOException {
        var line = new StringBuilder(80);
        while (true) {
            if (at == end && !fill()) {
                throw new EOFException(
                        line.isEmpty()
                                ? "the server closed the connection"
                                : "the connection ended in the middle of an answer");
            }
            int c = buffer[at++] & 0xff;
            if (c == '\n') {
                int length = line.length();
                if (length > 0 && line.charAt(length - 1) == '\r') {
                    line.setLength(length - 1);
                }
                return line.toString();
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("the answer is no HTTP");
            }
            line.append((char) c);
        }
    }

    private boolean fill() throws IOException {
        int got = in.read(buffer, 0, BUFFER);
        at = 0;
        end = Math.max(got, 0);
        return got > 0;
    }

    /** From what is buffered, else straight from the socket. */
    int read(byte[] bytes, int from, int count) throws IOException {
        if (at == end) {
            return in.read(bytes, from, count);
        }
        int got = Math.min(count, end - at);
        System.arraycopy(buffer, at, bytes, from, got);
        at += got;
        return got;
    }

    void release() {
        owner.keep(this);
    }

    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // nobody could do anything about it
        }
    }
}
