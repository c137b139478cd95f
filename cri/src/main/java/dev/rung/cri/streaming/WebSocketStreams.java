package dev.rung.cri.streaming;

import dev.rung.engine.monitor.Output;
import dev.rung.rpc.websocket.Message;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * A process's streams over WebSocket: the first byte of each message is its channel, in the base64
 * protocols a digit with base64 text behind it.
 *
 * <pre>
 * 0 stdin   1 stdout   2 stderr   3 error   4 resize   255 close, of the channel in the next byte (v5)
 * </pre>
 */
final class WebSocketStreams implements RemoteStreams {
    /** In the order of our liking; the empty one is that of clients that name none. */
    static final List<String> PROTOCOLS =
            List.of(
                    "v5.channel.k8s.io",
                    "v4.channel.k8s.io",
                    "v4.base64.channel.k8s.io",
                    "channel.k8s.io",
                    "base64.channel.k8s.io");

    static final int LONGEST_MESSAGE = 1 << 20;

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;

    private final WebSocket socket;
    private final boolean base64;
    private final boolean tellsStatus;

    WebSocketStreams(WebSocket socket) {
        this.socket = socket;
        this.base64 = socket.protocol().contains("base64");
        this.tellsStatus = socket.protocol().startsWith("v");
    }

    @Override
    public void listen(Listener listener) {
        try {
            Message message;
            while ((message = socket.receive()) != null) {
                take(message.payload(), listener);
            }
        } catch (IOException _) {
            // it has gone
        }
        listener.inputEnds();
    }

    private void take(byte[] payload, Listener listener) {
        if (payload.length == 0) {
            return;
        }
        int channel = base64 ? payload[0] - '0' : payload[0] & 0xff;
        ByteBuffer bytes = ByteBuffer.wrap(payload, 1, payload.length - 1);
        if (base64) {
            bytes = decoded(bytes);
        }
        switch (channel) {
            case STDIN -> listener.input(bytes);
            case RESIZE -> WindowSize.tell(bytes, listener);
            case CLOSE -> {
                if (bytes.hasRemaining() && bytes.get() == STDIN) {
                    listener.inputEnds();
                }
            }
            default -> {} // nothing that a client may say
        }
    }

    private static ByteBuffer decoded(ByteBuffer text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public void write(Output stream, ByteBuffer bytes) throws IOException {
        send(stream == Output.STDOUT ? STDOUT : STDERR, bytes);
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
        message.put((byte) channel).put(bytes).flip();
        socket.send(Message.Kind.BINARY, message);
    }

    @Override
    public void end(ExitNote note) throws IOException {
        byte[] told = tellsStatus ? note.status() : note.words();
        if (told.length > 0) {
            send(ERROR, ByteBuffer.wrap(told));
        }
        socket.close(WebSocket.NORMAL, "");
    }

    @Override
    public void close() {
        socket.close();
    }
}
