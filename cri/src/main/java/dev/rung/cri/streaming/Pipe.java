package dev.rung.cri.streaming;

import dev.rung.rpc.http.PeerStream;
import dev.rung.rpc.websocket.Message;
import dev.rung.rpc.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes both ways, which SPDY goes over: a connection, or the messages of a WebSocket. */
interface Pipe extends AutoCloseable {
    /** Waits for bytes; -1 when there are no more. */
    int read(ByteBuffer into) throws IOException;

    void write(ByteBuffer bytes) throws IOException;

    /** Says that nothing more is written, and waits a moment for the other side. */
    void finish();

    @Override
    void close();

    /** A connection that is HTTP no more. */
    static Pipe over(PeerStream stream) {
        return new Pipe() {
            @Override
            public int read(ByteBuffer into) throws IOException {
                return stream.read(into);
            }

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                stream.write(bytes);
            }

            @Override
            public void finish() {
                stream.finish();
            }

            @Override
            public void close() {
                stream.close();
            }
        };
    }

    /** Each message is a part of it. */
    static Pipe over(WebSocket socket) {
        return new Pipe() {
            private ByteBuffer rest = ByteBuffer.allocate(0);

            @Override
            public int read(ByteBuffer into) throws IOException {
                while (!rest.hasRemaining()) {
                    Message message = socket.receive();
                    if (message == null) {
                        return -1;
                    }
                    rest = ByteBuffer.wrap(message.payload());
                }
                int length = Math.min(rest.remaining(), into.remaining());
                into.put(rest.slice(rest.position(), length));
                rest.position(rest.position() + length);
                return length;
            }

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                socket.send(Message.Kind.BINARY, bytes);
            }

            @Override
            public void finish() {
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
        };
    }
}
