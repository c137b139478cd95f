package dev.rung.cri.streaming;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerProcesses.Running;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.Output;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Brings a process in a container and a client together. */
final class RemoteCommand {
    private final Running process;
    private final StreamOrder.Wanted wanted;
    private final boolean endsInput;

    /**
     * Of a process.
     *
     * @param endsInput whether the process's input ends with the client's
     */
    RemoteCommand(Running process, StreamOrder.Wanted wanted, boolean endsInput) {
        this.process = process;
        this.wanted = wanted;
        this.endsInput = endsInput;
    }

    /** Goes on until the process ends, or the client goes. */
    void run(RemoteStreams client) {
        Thread.ofVirtual().name("input of a stream").start(() -> listen(client));
        try {
            while (true) {
                switch (process.next()) {
                    case MonitorEvent.Written(Output stream, ByteBuffer bytes) -> {
                        if (wants(stream)) {
                            client.write(stream, bytes);
                        }
                    }
                    case MonitorEvent.Ended ended -> {
                        client.end(new ExitNote(ended.exit().exit().code(), null));
                        return;
                    }
                    case MonitorEvent.Lost() -> {
                        client.end(new ExitNote(0, "the process's monitor has gone"));
                        return;
                    }
                    default -> {}
                }
            }
        } catch (IOException _) {
            // the client has gone
        }
    }

    private boolean wants(Output stream) {
        return stream == Output.STDOUT ? wanted.stdout() : wanted.stderr() && !wanted.tty();
    }

    private void listen(RemoteStreams client) {
        client.listen(
                new RemoteStreams.Listener() {
                    @Override
                    public void input(ByteBuffer bytes) {
                        if (wanted.stdin()) {
                            process.input(bytes);
                        }
                    }

                    @Override
                    public void inputEnds() {
                        if (wanted.stdin() && endsInput) {
                            process.closeInput();
                        }
                    }

                    @Override
                    public void window(int rows, int columns) {
                        if (wanted.tty()) {
                            process.window(rows, columns);
                        }
                    }
                });
        // whoever writes to a client that has gone learns of it
        process.disconnect();
    }

    /** Tells the client why there is no process. */
    static void refuse(RemoteStreams client, Failure failure) {
        try {
            client.end(new ExitNote(0, String.valueOf(failure.getMessage())));
        } catch (IOException _) {
            // it has gone
        }
    }
}
