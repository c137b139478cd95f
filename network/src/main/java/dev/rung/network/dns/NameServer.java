package dev.rung.network.dns;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.Semaphore;

/**
 * Answers the questions of one container, on two sockets that were made in its network namespace
 * and hold it until this is closed. Each question has a virtual thread of its own.
 */
public final class NameServer implements AutoCloseable {
    private static final int LARGEST = 65_535;
    private static final int LARGEST_UDP = 512; // without extensions, which own answers never need
    private static final int MOST_AT_ONCE = 100;
    private static final int IDLE_MILLISECONDS = 10_000;

    private final DatagramChannel udp;
    private final ServerSocketChannel tcp;
    private final Names names;
    private final Upstream upstream = new Upstream();
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);

    private NameServer(DatagramChannel udp, ServerSocketChannel tcp, Names names) {
        this.udp = udp;
        this.tcp = tcp;
        this.names = names;
    }

    /**
     * To be called in the host's namespace before any other is entered to {@link #open} there: with
     * its first channel, the JDK makes a socket that it keeps for ever, and with it the namespace
     * of the thread.
     */
    public static void prepare() throws IOException {
        DatagramChannel.open().close();
    }

    /**
     * Takes a port of the address for UDP and for TCP, in the namespace of the thread that calls;
     * nothing is answered before {@link #start}.
     *
     * @param port 0: any free ones
     */
    public static NameServer open(InetAddress address, int port, Names names) throws IOException {
        DatagramChannel udp = DatagramChannel.open();
        try {
            udp.bind(new InetSocketAddress(address, port));
            ServerSocketChannel tcp = ServerSocketChannel.open();
            try {
                tcp.bind(new InetSocketAddress(address, port));
                return new NameServer(udp, tcp, names);
            } catch (IOException e) {
                tcp.close();
                throw e;
            }
        } catch (IOException e) {
            udp.close();
            throw e;
        }
    }

    public int udpPort() throws IOException {
        return ((InetSocketAddress) udp.getLocalAddress()).getPort();
    }

    public int tcpPort() throws IOException {
        return ((InetSocketAddress) tcp.getLocalAddress()).getPort();
    }

    /** Answers from now on. */
    public void start() {
        Thread.ofVirtual().name("names-udp").start(this::serveDatagrams);
        Thread.ofVirtual().name("names-tcp").start(this::serveCalls);
    }

    private void serveDatagrams() {
        var buffer = ByteBuffer.allocate(LARGEST);
        try {
            while (true) {
                SocketAddress peer = udp.receive(buffer.clear());
                byte[] message = Arrays.copyOf(buffer.array(), buffer.position());
                if (room.tryAcquire()) { // else it is lost, as datagrams are, and asked again
                    Thread.ofVirtual().start(() -> answerDatagram(message, peer));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void answerDatagram(byte[] message, SocketAddress peer) {
        try {
            DnsQuery query = DnsQuery.parse(message);
            byte[] own = query == null ? new byte[0] : own(query);
            byte[] answer = own;
            if (query != null && own.length > LARGEST_UDP) {
                answer = query.truncated();
            } else if (own.length == 0) {
                answer = upstream.askByUdp(message, names.servers());
                if (answer.length == 0 && query != null) {
                    answer = query.failure(DnsQuery.SERVER_FAILURE);
                }
            }
            if (answer.length > 0) {
                udp.send(ByteBuffer.wrap(answer), peer);
            }
        } catch (IOException e) {
            // closed, or the peer has gone
        } finally {
            room.release();
        }
    }

    private void serveCalls() {
        try {
            while (true) {
                SocketChannel call = tcp.accept();
                if (room.tryAcquire()) {
                    Thread.ofVirtual().start(() -> answerCall(call));
                } else {
                    close(call);
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void answerCall(SocketChannel call) {
        try (call) {
            call.socket().setSoTimeout(IDLE_MILLISECONDS);
            var in = new DataInputStream(call.socket().getInputStream());
            var out = new DataOutputStream(call.socket().getOutputStream());
            while (true) {
                byte[] message = in.readNBytes(in.readUnsignedShort());
                DnsQuery query = DnsQuery.parse(message);
                byte[] answer = query == null ? new byte[0] : own(query);
                if (answer.length == 0) {
                    answer = upstream.askByTcp(message, names.servers());
                }
                if (answer.length == 0 && query != null) {
                    answer = query.failure(DnsQuery.SERVER_FAILURE);
                }
                if (answer.length == 0) {
                    return;
                }
                var framed = new ByteArrayOutputStream(answer.length + 2);
                framed.write(answer.length >> 8);
                framed.write(answer.length);
                framed.writeBytes(answer);
                out.write(framed.toByteArray());
            }
        } catch (IOException e) {
            // the end of the call
        } finally {
            room.release();
        }
    }

    /** What is known here; empty when others must be asked. */
    private byte[] own(DnsQuery query) {
        if (query.type() == DnsQuery.A || query.type() == DnsQuery.AAAA) {
            var addresses = new ArrayList<>(names.addresses(query.name()));
            Collections.shuffle(addresses); // so that several share the load
            return addresses.isEmpty() ? new byte[0] : query.addresses(addresses);
        }
        InetAddress reverse = query.reverseAddress();
        String name = reverse == null ? null : names.name(reverse);
        return name == null ? new byte[0] : query.pointer(name);
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was to be said any more
        }
    }

    /** Lets go of the namespace. */
    @Override
    public void close() {
        close(udp);
        close(tcp);
    }
}
