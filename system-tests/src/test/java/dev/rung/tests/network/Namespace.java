package dev.rung.tests.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.testkit.Command;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network namespace that a sleeping process holds: a container, or a machine beyond the host. */
final class Namespace implements AutoCloseable {
    private static final int PATIENCE_MILLISECONDS = 1_000;

    private final Running process;
    private final List<AutoCloseable> servers = new ArrayList<>();

    private Namespace(Running process) {
        this.process = process;
    }

    static Namespace make() {
        try {
            // with its first channel, the JDK makes a socket that it keeps, and with it a namespace
            DatagramChannel.open().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Running process = Command.of("unshare", "--net", "sleep", "600").start();
        var namespace = new Namespace(process);
        Patience.await(
                () -> !link(namespace.pid()).equals(link(ProcessHandle.current().pid())),
                () -> "no namespace");
        namespace.ip("link set lo up");
        return namespace;
    }

    private static Path link(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    Fd descriptor() {
        try {
            return NetworkNamespaces.of(pid());
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    String ip(String words) {
        return run(("ip " + words).split(" "));
    }

    String run(String... words) {
        return Command.of(words)
                .under("nsenter", "--target", Long.toString(pid()), "--net")
                .succeed()
                .output();
    }

    /** What is done by a thread inside. */
    <R> R in(NetworkNamespaces.Job<R, IOException> job) {
        try (Fd namespace = descriptor()) {
            return NetworkNamespaces.in(namespace, job);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers each TCP call to the port with a name and the caller's address. */
    void serve(int port, String name) {
        ServerSocketChannel server =
                in(() -> ServerSocketChannel.open().bind(new InetSocketAddress(port)));
        servers.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            try (SocketChannel call = server.accept()) {
                                call.write(UTF_8.encode(name + " " + caller(call)));
                            }
                        }
                    } catch (IOException e) {
                        // closed
                    }
                });
    }

    private static String caller(SocketChannel call) throws IOException {
        return ((InetSocketAddress) call.getRemoteAddress()).getAddress().getHostAddress();
    }

    /** Answers each datagram to the port with a name. */
    void serveUdp(int port, String name) {
        DatagramChannel server = in(() -> DatagramChannel.open().bind(new InetSocketAddress(port)));
        servers.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            var peer = server.receive(ByteBuffer.allocate(100));
                            server.send(UTF_8.encode(name), peer);
                        }
                    } catch (IOException e) {
                        // closed
                    }
                });
    }

    /** What the server at that address answers, or "nobody" within a second. */
    String call(String host, int port) {
        return in(() -> Namespace.callFromHere(host, port));
    }

    /** The same from the namespace of the calling thread. */
    static String callFromHere(String host, int port) throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            channel.socket().setSoTimeout(PATIENCE_MILLISECONDS);
            channel.socket().connect(new InetSocketAddress(host, port), PATIENCE_MILLISECONDS);
            return new String(channel.socket().getInputStream().readAllBytes(), UTF_8);
        } catch (SocketTimeoutException | ConnectException | NoRouteToHostException e) {
            return "nobody";
        }
    }

    /** A socket inside that always sends from the same port. */
    DatagramChannel udp(String host, int port) {
        DatagramChannel channel =
                in(() -> DatagramChannel.open().connect(new InetSocketAddress(host, port)));
        servers.add(channel);
        return channel;
    }

    /** What is answered to a datagram, or "nobody" within a second. */
    static String exchange(DatagramChannel channel) {
        try {
            channel.write(UTF_8.encode("?"));
            channel.socket().setSoTimeout(PATIENCE_MILLISECONDS);
            var packet = new DatagramPacket(new byte[100], 100);
            channel.socket().receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), UTF_8);
        } catch (SocketTimeoutException | PortUnreachableException e) {
            return "nobody";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable server : servers) {
            try {
                server.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        process.close();
    }
}
