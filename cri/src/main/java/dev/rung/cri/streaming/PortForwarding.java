package dev.rung.cri.streaming;

import dev.rung.engine.Pods;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Ports of a pod over SPDY: for each connection the client opens two streams, error and data, with
 * the headers port and requestid.
 */
final class PortForwarding {
    static final String PROTOCOL = "portforward.k8s.io";

    /** The same SPDY in the messages of a WebSocket. */
    static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

    private static final int PART = 32 * 1024;
    private static final int LAST_PORT = 65535;

    private final Pods pods;
    private final String pod;
    private final SpdyConnection connection;
    private final Map<String, SpdyStream> halves = new HashMap<>(); // the reader's alone

    PortForwarding(Pods pods, String pod, SpdyConnection connection) {
        this.pods = pods;
        this.pod = pod;
        this.connection = connection;
    }

    /** Goes on until the client goes. */
    void run() {
        connection.serve(this::opened);
    }

    private void opened(SpdyStream stream) {
        String type = stream.header("streamtype");
        String request = request(stream, type);
        SpdyStream other = halves.remove(request);
        if (other == null) {
            halves.put(request, stream);
            return;
        }
        boolean isData = type.equals("data");
        SpdyStream data = isData ? stream : other;
        SpdyStream error = isData ? other : stream;
        Thread.ofVirtual().name("forward a port").start(() -> forward(data, error));
    }

    /** Old clients number no requests, but open the streams of one after another. */
    private static String request(SpdyStream stream, String type) {
        String request = stream.header("requestid");
        if (!request.isEmpty()) {
            return request;
        }
        return "stream " + (type.equals("data") ? stream.id() - 2 : stream.id());
    }

    private void forward(SpdyStream data, SpdyStream error) {
        try {
            int port = port(data);
            try (SocketChannel socket = pods.connect(pod, port)) {
                Thread.ofVirtual().name("to a port").start(() -> send(data, socket));
                receive(socket, data);
            } catch (IOException e) {
                String words = "failed to connect to port " + port + ": " + e.getMessage();
                error.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)));
            }
            data.end();
            error.end();
        } catch (IOException _) {
            // the client has gone
        } finally {
            connection.forget(data);
            connection.forget(error);
        }
    }

    private static int port(SpdyStream stream) throws IOException {
        try {
            int port = Integer.parseInt(stream.header("port"));
            if (port > 0 && port <= LAST_PORT) {
                return port;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new IOException("\"" + stream.header("port") + "\" is no port");
    }

    private static void send(SpdyStream data, SocketChannel socket) {
        try {
            ByteBuffer bytes;
            while ((bytes = data.read()) != null) {
                while (bytes.hasRemaining()) {
                    socket.write(bytes);
                }
            }
            socket.shutdownOutput();
        } catch (IOException _) {
            // the other direction tells
        }
    }

    private static void receive(SocketChannel socket, SpdyStream data) throws IOException {
        var part = ByteBuffer.allocate(PART);
        while (true) {
            int length;
            try {
                length = socket.read(part.clear());
            } catch (IOException _) {
                return; // it was reset, which is its end
            }
            if (length < 0) {
                return;
            }
            data.write(part.flip());
        }
    }
}
