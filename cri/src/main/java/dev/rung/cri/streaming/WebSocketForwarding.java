package dev.rung.cri.streaming;

import dev.rung.engine.Pods;
import dev.rung.rpc.websocket.Message;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Ports of a pod over WebSocket alone: two channels for each, data and error, which begin with the
 * port in two bytes, the lower first.
 */
final class WebSocketForwarding {
    static final List<String> PROTOCOLS =
            List.of(
                    "v4.channel.k8s.io",
                    "v4.base64.channel.k8s.io",
                    "channel.k8s.io",
                    "base64.channel.k8s.io");

    private static final int PART = 32 * 1024;

    private final Pods pods;
    private final StreamOrder.Forward order;
    private final WebSocket socket;
    private final boolean base64;
    private final List<SocketChannel> connections = new ArrayList<>();

    WebSocketForwarding(Pods pods, StreamOrder.Forward order, WebSocket socket) {
        this.pods = pods;
        this.order = order;
        this.socket = socket;
        this.base64 = socket.protocol().contains("base64");
    }

    /** Goes on until the client goes. */
    void run() throws IOException {
        try {
            for (int i = 0; i < order.ports().size(); i++) {
                connect(i);
            }
            Message message;
            while ((message = socket.receive()) != null) {
                take(message.payload());
            }
        } finally {
            for (SocketChannel connection : connections) {
                connection.close();
            }
        }
    }

    private void connect(int index) throws IOException {
        int port = order.ports().get(index);
        ByteBuffer head = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        head.putShort((short) port).flip();
        send(2 * index, head.duplicate());
        send(2 * index + 1, head);
        try {
            SocketChannel connection = pods.connect(order.pod(), port);
            connections.add(connection);
            Thread.ofVirtual().name("from a port").start(() -> receive(connection, 2 * index));
        } catch (IOException e) {
            String words = "failed to connect to port " + port + ": " + e.getMessage();
            send(2 * index + 1, ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)));
            connections.add(SocketChannel.open()); // what is sent there goes nowhere
        }
    }

    private void take(byte[] payload) throws IOException {
        if (payload.length == 0) {
            return;
        }
        int channel = base64 ? payload[0] - '0' : payload[0] & 0xff;
        if (channel < 0 || channel % 2 != 0 || channel / 2 >= connections.size()) {
            return;
        }
        SocketChannel connection = connections.get(channel / 2);
        ByteBuffer bytes = ByteBuffer.wrap(payload, 1, payload.length - 1);
        try {
            if (base64) {
                bytes = Base64.getDecoder().decode(bytes);
            }
            while (bytes.hasRemaining() && connection.isConnected()) {
                connection.write(bytes);
            }
        } catch (IOException | IllegalArgumentException _) {
            connection.close();
        }
    }

    private void receive(SocketChannel connection, int channel) {
        var part = ByteBuffer.allocate(PART);
        try {
            while (connection.read(part.clear()) >= 0) {
                send(channel, part.flip());
            }
        } catch (IOException _) {
            // one of the two has gone
        }
    }

    private void send(int channel, ByteBuffer bytes) throws IOException {
        if (base64) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            String text = channel + Base64.getEncoder().encodeToString(part);
            socket.send(Message.Kind.TEXT, StandardCharsets.US_ASCII.encode(text));
            return;
        }
        ByteBuffer message = ByteBuffer.allocate(1 + bytes.remaining());
        socket.send(Message.Kind.BINARY, message.put((byte) channel).put(bytes).flip());
    }
}
