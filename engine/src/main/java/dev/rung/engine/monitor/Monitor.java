package dev.rung.engine.monitor;

import dev.rung.domain.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the monitor of one container. One thread takes its events; others may write. All
 * waiting is that of java.nio, which suits virtual threads.
 */
public final class Monitor implements AutoCloseable {
    private static final int LONGEST_INPUT = 64 * 1024;
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

    private final ContainerFolders folders;
    private final SocketChannel channel;
    private final MonitorInlet inlet;
    private final RunningRecord running;
    private final CountDownLatch closed = new CountDownLatch(1);

    private Monitor(
            ContainerFolders folders,
            SocketChannel channel,
            MonitorInlet inlet,
            RunningRecord running) {
        this.folders = folders;
        this.channel = channel;
        this.inlet = inlet;
        this.running = running;
    }

    /**
     * Connects to a monitor that runs, and waits until its container is created. NotFound when
     * there is no monitor, creating failed, or nothing was heard for ten seconds.
     */
    public static Monitor connect(ContainerFolders folders) {
        try (var door = new MonitorDoor(folders)) {
            SocketChannel channel = connect(door.path());
            // one that hangs, or was stopped by somebody, must not hold up an engine that starts
            Thread limit = Thread.ofVirtual().start(() -> closeLater(channel));
            try {
                return created(folders, channel);
            } finally {
                limit.interrupt();
            }
        } catch (IOException e) {
            throw notThere(folders);
        }
    }

    private static void closeLater(SocketChannel channel) {
        try {
            Thread.sleep(LONGEST_ANSWER);
            close(channel);
        } catch (InterruptedException _) {
            // it has answered
        }
    }

    /** A connection on which nothing was said yet, such as one to a monitor still to come. */
    static SocketChannel connect(Path socket) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Waits until the container is created. HostRefused in the runtime's words when that fails,
     * NotFound when the monitor vanishes. The channel is closed then.
     */
    static Monitor created(ContainerFolders folders, SocketChannel channel) {
        try {
            var inlet = new MonitorInlet(channel);
            while (true) {
                MonitorWire.Frame frame = inlet.next();
                ByteBuffer payload = frame.payload();
                if (frame.type() == MonitorWire.CREATED
                        || frame.type() == MonitorWire.STATE
                                && payload.getInt() != MonitorWire.CREATING) {
                    var lines = new RecordLines(folders.socket().toString(), text(payload));
                    return new Monitor(folders, channel, inlet, RunningRecord.of(lines));
                } else if (frame.type() == MonitorWire.FAILED) {
                    int status = payload.getInt();
                    throw new Failure.HostRefused(RuntimeWords.of(text(payload), status), null);
                }
            }
        } catch (IOException e) {
            close(channel);
            throw notThere(folders);
        } catch (RuntimeException e) {
            close(channel);
            throw e;
        }
    }

    public RunningRecord running() {
        return running;
    }

    /**
     * Waits for what happens next. After Ended and Lost it is not called again. The bytes of what
     * was written are there until the next call.
     */
    public MonitorEvent next() {
        try {
            while (true) {
                MonitorWire.Frame frame = inlet.next();
                ByteBuffer payload = frame.payload();
                switch (frame.type()) {
                    case MonitorWire.OUTPUT -> {
                        return new MonitorEvent.Written(Output.STDOUT, payload);
                    }
                    case MonitorWire.ERRORS -> {
                        return new MonitorEvent.Written(Output.STDERR, payload);
                    }
                    case MonitorWire.ATTACHED -> {
                        return new MonitorEvent.Attached(payload.getLong());
                    }
                    case MonitorWire.OOM -> {
                        return new MonitorEvent.OomKilled(payload.getLong());
                    }
                    case MonitorWire.NOTICE -> {
                        return new MonitorEvent.Notice(text(payload));
                    }
                    case MonitorWire.ENDED -> {
                        var lines = new RecordLines(folders.socket().toString(), text(payload));
                        return new MonitorEvent.Ended(ExitRecord.of(lines));
                    }
                    default -> {} // of a later monitor, which means nothing here
                }
            }
        } catch (EOFException | SocketException e) {
            return ExitRecord.read(folders)
                    .<MonitorEvent>map(MonitorEvent.Ended::new)
                    .orElseGet(MonitorEvent.Lost::new);
        } catch (IOException e) {
            return new MonitorEvent.Lost(); // closed on this side
        }
    }

    /** What else was written and has come already, in order; the bytes are there as long. */
    public List<MonitorEvent.Written> more() {
        var more = new ArrayList<MonitorEvent.Written>();
        while (inlet.holds(MonitorWire.OUTPUT) || inlet.holds(MonitorWire.ERRORS)) {
            MonitorWire.Frame frame = inlet.here();
            Output stream = frame.type() == MonitorWire.OUTPUT ? Output.STDOUT : Output.STDERR;
            more.add(new MonitorEvent.Written(stream, frame.payload()));
        }
        return more;
    }

    /**
     * Asks for what the container writes from now on, told by Attached.
     *
     * @param patience how long we may take nothing, while the container waits, before we are cut;
     *     up to ten minutes
     */
    public void attach(Set<Output> streams, Duration patience) {
        send(attachment(streams, patience).flip());
    }

    /** The frame that asks for it. */
    static ByteBuffer attachment(Set<Output> streams, Duration patience) {
        int bits = 0;
        for (Output stream : streams) {
            bits |= stream.bit();
        }
        long milliseconds = Math.min(patience.toMillis(), Integer.MAX_VALUE);
        return MonitorWire.frame(MonitorWire.ATTACH, 8).putInt(bits).putInt((int) milliseconds);
    }

    /** Writes to the container's stdin; waits while the container takes nothing. */
    public void input(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), LONGEST_INPUT);
            ByteBuffer head = MonitorWire.head(MonitorWire.INPUT, length).flip();
            send(head, bytes.slice(bytes.position(), length));
            bytes.position(bytes.position() + length);
        }
    }

    /** Closes the container's stdin, after what was written; nothing happens to a terminal. */
    public void closeInput() {
        send(MonitorWire.frame(MonitorWire.CLOSE_INPUT, 0).flip());
    }

    /** Gives the container's terminal another size. */
    public void window(int rows, int columns) {
        send(
                MonitorWire.frame(MonitorWire.WINDOW, 4)
                        .putShort((short) rows)
                        .putShort((short) columns)
                        .flip());
    }

    /**
     * Has the log opened anew by its name, after somebody renamed the file. It is when this
     * returns: what is asked next is answered later. The connection is for this alone; what else it
     * tells is dropped.
     */
    public void reopenLog() {
        send(MonitorWire.frame(MonitorWire.REOPEN_LOG, 0).flip());
        attach(Set.of(), Duration.ZERO);
        while (true) {
            switch (next()) {
                case MonitorEvent.Attached _, MonitorEvent.Ended _, MonitorEvent.Lost _ -> {
                    return;
                }
                case MonitorEvent.Written _, MonitorEvent.OomKilled _, MonitorEvent.Notice _ -> {}
            }
        }
    }

    /** Lets the monitor of an ended container go even if it could not write its record. */
    public void release() {
        send(MonitorWire.frame(MonitorWire.RELEASE, 0).flip());
    }

    /** Ends the connection, and a wait for the next event; the monitor stays. */
    @Override
    public void close() {
        close(channel);
        closed.countDown();
    }

    /** Waits until somebody has closed it, for so long at most. */
    void awaitClosed(Duration patience) {
        try {
            var _ = closed.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** A monitor that has gone tells so by its last event, so a failure to write is none. */
    private void send(ByteBuffer... frame) {
        synchronized (channel) {
            try {
                while (frame[frame.length - 1].hasRemaining()) {
                    channel.write(frame);
                }
            } catch (IOException e) {
                // next() tells
            }
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // nobody could do anything about it
        }
    }

    private static String text(ByteBuffer payload) {
        return StandardCharsets.UTF_8.decode(payload).toString();
    }

    private static Failure.NotFound notThere(ContainerFolders folders) {
        return new Failure.NotFound("no monitor answers at \"" + folders.socket() + "\"");
    }
}
