package dev.rung.cri.streaming;

import dev.rung.engine.monitor.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process's streams over SPDY: the client opens one for each, called by its header streamtype:
 * error, stdin, stdout, stderr, and from v3 on resize.
 */
final class SpdyStreams implements RemoteStreams {
    /** In the order of our liking; clients of v1 name none. */
    static final List<String> PROTOCOLS =
            List.of(
                    "v4.channel.k8s.io",
                    "v3.channel.k8s.io",
                    "v2.channel.k8s.io",
                    "channel.k8s.io");

    private static final Duration LONGEST_OPENING = Duration.ofSeconds(30);

    private final SpdyConnection connection;
    private final String protocol;
    private final Set<String> expected = new TreeSet<>();
    private final Map<String, SpdyStream> streams = new ConcurrentHashMap<>();
    private final CountDownLatch complete = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);

    private SpdyStreams(SpdyConnection connection, String protocol, StreamOrder.Wanted wanted) {
        this.connection = connection;
        this.protocol = protocol;
        expected.add("error");
        if (wanted.stdin()) {
            expected.add("stdin");
        }
        if (wanted.stdout()) {
            expected.add("stdout");
        }
        if (wanted.stderr() && !wanted.tty()) {
            expected.add("stderr");
        }
        if (wanted.tty() && (protocol.startsWith("v3") || protocol.startsWith("v4"))) {
            expected.add("resize");
        }
    }

    /** Waits until the client has opened all of them. IOException when it does not. */
    static SpdyStreams open(SpdyConnection connection, String protocol, StreamOrder.Wanted wanted)
            throws IOException {
        var streams = new SpdyStreams(connection, protocol, wanted);
        Thread.ofVirtual().name("spdy").start(streams::read);
        try {
            boolean all = streams.complete.await(LONGEST_OPENING.toMillis(), TimeUnit.MILLISECONDS);
            if (!all || !streams.streams.keySet().containsAll(streams.expected)) {
                connection.close();
                throw new IOException("a client that does not open its streams");
            }
            return streams;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void read() {
        try {
            connection.serve(this::opened);
        } finally {
            gone.countDown();
            complete.countDown();
        }
    }

    private void opened(SpdyStream stream) {
        String type = stream.header("streamtype");
        if (!expected.contains(type) || streams.putIfAbsent(type, stream) != null) {
            connection.forget(stream);
        } else if (streams.keySet().containsAll(expected)) {
            complete.countDown();
        }
    }

    @Override
    public void listen(Listener listener) {
        SpdyStream resize = streams.get("resize");
        if (resize != null) {
            Thread.ofVirtual().name("window").start(() -> sizes(resize, listener));
        }
        SpdyStream stdin = streams.get("stdin");
        if (stdin != null) {
            ByteBuffer bytes;
            while ((bytes = stdin.read()) != null) {
                listener.input(bytes);
            }
        }
        listener.inputEnds();
        try {
            gone.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sizes(SpdyStream resize, Listener listener) {
        ByteBuffer bytes;
        while ((bytes = resize.read()) != null) {
            WindowSize.tell(bytes, listener);
        }
    }

    @Override
    public void write(Output stream, ByteBuffer bytes) throws IOException {
        SpdyStream to = streams.get(stream == Output.STDOUT ? "stdout" : "stderr");
        if (to != null) {
            to.write(bytes);
        }
    }

    @Override
    public void end(ExitNote note) throws IOException {
        for (String type : List.of("stdout", "stderr")) {
            SpdyStream stream = streams.get(type);
            if (stream != null) {
                stream.end();
            }
        }
        SpdyStream error = streams.get("error");
        if (error != null) {
            byte[] told = protocol.startsWith("v4") ? note.status() : note.words();
            if (told.length > 0) {
                error.write(ByteBuffer.wrap(told));
            }
            error.end();
        }
        awaitGoodbye();
    }

    /** The client closes once it has read all; then it is not cut. */
    private void awaitGoodbye() {
        try {
            if (!gone.await(1, TimeUnit.SECONDS)) {
                connection.close();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
