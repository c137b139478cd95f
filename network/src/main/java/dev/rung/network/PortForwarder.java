package dev.rung.network;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.NetworkNamespaces;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Holds a port of the host, and forwards what arrives there from user space. */
final class PortForwarder implements AutoCloseable {
    private static final int BACKLOG = 128;
    private static final int COPY_BYTES = 32 * 1024;
    private static final int LARGEST_DATAGRAM = 65_535;
    private static final int IDLE_MILLISECONDS = 90_000; // how long a UDP peer may be silent
    private static final int MOST_PEERS = 1024;

    private final Channel port;
    private final Ground ground; // of the container
    private final boolean forwards;
    private @Nullable Thread server;

    private PortForwarder(Channel port, Ground ground, boolean forwards) {
        this.port = port;
        this.ground = ground;
        this.forwards = forwards;
    }

    /**
     * Takes the port; nothing is forwarded before {@link #start}.
     *
     * @param forwards false: nor after, the port is only held so that nobody else takes it; calls
     *     are ended at once, and datagrams get lost
     */
    static PortForwarder open(PortBinding binding, Ground ground, boolean forwards)
            throws IOException {
        // without an address: one socket for both families, or IPv4 alone where there is no other
        InetAddress host = binding.hostAddress();
        if (host != null) {
            return new PortForwarder(bind(binding, host), ground, forwards);
        }
        try {
            return new PortForwarder(bind(binding, Prefix.of(new byte[16])), ground, forwards);
        } catch (UnsupportedOperationException e) {
            return new PortForwarder(bind(binding, Prefix.of(new byte[4])), ground, forwards);
        }
    }

    private static Channel bind(PortBinding binding, InetAddress host) throws IOException {
        var family =
                host.getAddress().length == 4
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6;
        var address = new InetSocketAddress(host, binding.hostPort());
        return switch (binding.protocol()) {
            case TCP -> {
                ServerSocketChannel server = ServerSocketChannel.open(family);
                try {
                    yield server.bind(address, BACKLOG);
                } catch (IOException e) {
                    server.close();
                    throw e;
                }
            }
            case UDP -> {
                DatagramChannel socket = DatagramChannel.open(family);
                try {
                    yield socket.bind(address);
                } catch (IOException e) {
                    socket.close();
                    throw e;
                }
            }
        };
    }

    /** From now on what arrives goes to the container, until this is closed. */
    synchronized void start(InetAddress container, int containerPort) {
        var target = new InetSocketAddress(container, containerPort);
        server =
                switch (port) {
                    case ServerSocketChannel server ->
                            Thread.ofVirtual()
                                    .name("port-" + containerPort)
                                    .start(() -> accept(server, target));
                    case DatagramChannel socket when !forwards -> null;
                    case DatagramChannel socket ->
                            Thread.ofVirtual()
                                    .name("port-" + containerPort)
                                    .start(() -> relay(socket, target));
                    default -> throw new IllegalStateException("neither TCP nor UDP: " + port);
                };
    }

    private void accept(ServerSocketChannel server, InetSocketAddress target) {
        while (true) {
            try {
                SocketChannel caller = server.accept();
                if (!forwards) {
                    closeQuietly(caller);
                    continue;
                }
                Thread.ofVirtual().name("port-call").start(() -> serve(caller, target));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                if (!pause()) { // as with too many open files, which others may close
                    return;
                }
            }
        }
    }

    private void serve(SocketChannel caller, InetSocketAddress target) {
        try (caller;
                SocketChannel container = inside(SocketChannel::open)) {
            container.connect(target);
            Thread back = Thread.ofVirtual().start(() -> copy(container, caller));
            copy(caller, container);
            back.join();
        } catch (IOException e) {
            // the caller sees the connection end
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A socket where the container is reached from. */
    private <C> C inside(NetworkNamespaces.Job<C, IOException> open) throws IOException {
        try {
            return ground.<C, IOException>in(open);
        } catch (ErrnoException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Copies to the end and passes the end on; the other direction may go on. */
    private static void copy(SocketChannel from, SocketChannel to) {
        var buffer = ByteBuffer.allocateDirect(COPY_BYTES);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from); // a broken connection is broken on both sides
            closeQuietly(to);
        }
    }

    private void relay(DatagramChannel socket, InetSocketAddress target) {
        Map<SocketAddress, DatagramChannel> peers = new ConcurrentHashMap<>();
        var buffer = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
        try {
            while (true) {
                SocketAddress peer = socket.receive(buffer.clear());
                try {
                    DatagramChannel container = peers.get(peer);
                    if (container == null) {
                        container = answerTo(peer, socket, target, peers);
                    }
                    if (container != null) {
                        container.write(buffer.flip());
                    }
                } catch (IOException e) {
                    // a datagram may get lost
                }
            }
        } catch (IOException e) {
            peers.values().forEach(PortForwarder::closeQuietly);
        }
    }

    /**
     * A socket for one peer and a thread that brings it the answers; null when there are too many.
     */
    private @Nullable DatagramChannel answerTo(
            SocketAddress peer,
            DatagramChannel socket,
            InetSocketAddress target,
            Map<SocketAddress, DatagramChannel> peers)
            throws IOException {
        if (peers.size() >= MOST_PEERS) {
            return null;
        }
        DatagramChannel container = inside(DatagramChannel::open).connect(target);
        container.socket().setSoTimeout(IDLE_MILLISECONDS);
        peers.put(peer, container);
        Thread.ofVirtual()
                .name("port-answers")
                .start(() -> {
                    try (container) {
                        answer(container, socket, peer);
                    } catch (IOException e) {
                        // silent for long enough, or the port was closed
                    } finally {
                        peers.remove(peer);
                    }
                });
        return container;
    }

    private static void answer(
            DatagramChannel container, DatagramChannel socket, SocketAddress peer)
            throws IOException {
        var packet = new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
        while (true) {
            packet.setLength(LARGEST_DATAGRAM);
            try {
                container.socket().receive(packet);
            } catch (PortUnreachableException e) {
                continue; // nobody listens in the container yet
            }
            socket.send(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), peer);
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(100);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was to be written any more
        }
    }

    /** Frees the port; calls under way go on. */
    @Override
    public synchronized void close() {
        closeQuietly(port);
        try {
            if (server != null) {
                server.join(); // which holds the socket until it has seen that it is closed
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
