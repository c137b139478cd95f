package dev.rung.docker;

import dev.rung.rpc.websocket.Message;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A client that sends and gets messages; which stream one is from is not told there. */
record WebSocketClient(WebSocket socket) implements StreamRelay.Client {
    @Override
    public @Nullable ByteBuffer read(ByteBuffer room) throws IOException {
        Message message = socket.receive();
        return message == null ? null : ByteBuffer.wrap(message.payload());
    }

    @Override
    public void write(ByteBuffer... headsAndBytes) throws IOException {
        for (int i = 1; i < headsAndBytes.length; i += 2) {
            socket.send(Message.Kind.BINARY, headsAndBytes[i]);
        }
    }

    @Override
    public void end() {
        try {
            socket.close(WebSocket.NORMAL, "");
        } catch (IOException _) {
            // it has gone
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
