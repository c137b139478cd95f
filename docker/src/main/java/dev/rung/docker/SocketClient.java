package dev.rung.docker;

import dev.rung.rpc.http.PeerStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A client whose connection was taken over. */
record SocketClient(PeerStream stream) implements StreamRelay.Client {
    @Override
    public @Nullable ByteBuffer read(ByteBuffer room) throws IOException {
        return stream.read(room) < 0 ? null : room.flip();
    }

    @Override
    public void write(ByteBuffer... headsAndBytes) throws IOException {
        stream.write(headsAndBytes);
    }

    @Override
    public void end() {
        stream.endOutput();
    }

    @Override
    public void close() {
        stream.close();
    }
}
