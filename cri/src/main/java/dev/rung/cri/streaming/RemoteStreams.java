package dev.rung.cri.streaming;

import dev.rung.engine.monitor.Output;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A client's side of a process: what it types, and where it reads. */
interface RemoteStreams extends AutoCloseable {
    /** Hears what the client does; called on one thread, which waits meanwhile. */
    interface Listener {
        void input(ByteBuffer bytes);

        /** There is no more input; the client may go on reading. */
        void inputEnds();

        void window(int rows, int columns);
    }

    /** Tells the listener all that the client does, until it goes. */
    void listen(Listener listener);

    /** Writes to a stream that the client has asked for; waits while it takes nothing. */
    void write(Output stream, ByteBuffer bytes) throws IOException;

    /** Tells how it ended, and ends the streams. */
    void end(ExitNote note) throws IOException;

    @Override
    void close();
}
