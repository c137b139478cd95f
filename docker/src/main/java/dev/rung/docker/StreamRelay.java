package dev.rung.docker;

import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Bytes between a client and a process, one thread for each way, without a queue: who is slow slows
 * the other.
 */
final class StreamRelay {
    private static final int INPUT_BYTES = 64 * 1024;

    private final Client client;
    private final boolean tty;
    private final @Nullable DetachKeys keys;
    private final AtomicBoolean detached = new AtomicBoolean();

    /** Keys are watched for where there are any. */
    StreamRelay(Client client, boolean tty, @Nullable DetachKeys keys) {
        this.client = client;
        this.tty = tty;
        this.keys = keys;
    }

    /** Who is at the other end; reading and writing wait. */
    interface Client extends AutoCloseable {
        /** Bytes of the next input; null at its end. */
        @Nullable ByteBuffer read(ByteBuffer room) throws IOException;

        /** Pieces one after another: of each the head, then the bytes. */
        void write(ByteBuffer... headsAndBytes) throws IOException;

        /** No more will be written. */
        void end();

        @Override
        void close();
    }

    /**
     * Begins to pass on what the client sends.
     *
     * @param ends whether the end of that is the end of the process's stdin
     */
    void input(Monitor monitor, boolean ends) {
        Thread.ofVirtual()
                .name("input")
                .start(() -> {
                    takeInput(monitor);
                    if (ends && !detached.get()) {
                        monitor.closeInput();
                    }
                });
    }

    private void takeInput(Monitor monitor) {
        var room = ByteBuffer.allocate(INPUT_BYTES);
        try {
            while (true) {
                ByteBuffer bytes = client.read(room.clear());
                if (bytes == null) {
                    return;
                }
                ByteBuffer passed = keys == null ? bytes : keys.passed(bytes);
                if (passed == null) {
                    detached.set(true);
                    client.end();
                    monitor.close();
                    return;
                }
                monitor.input(passed);
            }
        } catch (IOException _) {
            // the client has gone
        }
    }

    /**
     * Passes on what the process writes, to its end or the client's.
     *
     * @return the last event; null when the client went or detached
     */
    @Nullable MonitorEvent output(Monitor monitor) {
        while (true) {
            MonitorEvent event = monitor.next();
            switch (event) {
                case MonitorEvent.Written(Output stream, ByteBuffer bytes) -> {
                    try {
                        client.write(framed(stream, bytes, monitor.more()));
                    } catch (IOException _) {
                        return null;
                    }
                }
                case MonitorEvent.Ended _, MonitorEvent.Lost _ -> {
                    return detached.get() ? null : event;
                }
                default -> {}
            }
        }
    }

    private ByteBuffer[] framed(Output stream, ByteBuffer bytes, List<MonitorEvent.Written> more) {
        var all = new ByteBuffer[2 + 2 * more.size()];
        all[0] = OutputFraming.head(tty, stream, bytes.remaining());
        all[1] = bytes;
        int at = 2;
        for (MonitorEvent.Written next : more) {
            all[at++] = OutputFraming.head(tty, next.stream(), next.bytes().remaining());
            all[at++] = next.bytes();
        }
        return all;
    }

    /** Ends the client's side too. */
    void finish() {
        client.end();
        client.close();
    }
}
