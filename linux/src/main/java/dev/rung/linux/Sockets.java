package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.time.Duration;
import java.util.List;

/**
 * Unix sockets (unix(7)), of type SOCK_SEQPACKET unless said otherwise: one message is received as
 * it was sent.
 */
public final class Sockets {
    private static final int AF_UNIX = 1;
    private static final int SEQPACKET_CLOEXEC = 5 | 0x80000;
    private static final int STREAM_CLOEXEC = 1 | 0x80000;
    private static final int DATAGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVTIMEO = 20;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int FAMILY_BYTES = 2;
    private static final int ADDRESS_BYTES = 110; // struct sockaddr_un

    private Sockets() {}

    /** socketpair(2): two connected ends. */
    public static List<Fd> pair() throws ErrnoException {
        try (var memory = new Memory(8)) {
            new Function("socketpair")
                    .call(memory, "", AF_UNIX, SEQPACKET_CLOEXEC, 0, memory.at(0));
            return List.of(new Fd(memory.bytes().getInt(0)), new Fd(memory.bytes().getInt(4)));
        }
    }

    /** socket, bind and listen at a path of our own; the socket's mode is left to the umask. */
    public static Fd listen(KernelPath path, int backlog) throws ErrnoException {
        return listening(named("bind", path, SEQPACKET_CLOEXEC), path, backlog);
    }

    /** The same of type SOCK_STREAM, such as java.nio connects to. */
    public static Fd listenForStreams(KernelPath path, int backlog) throws ErrnoException {
        return listening(named("bind", path, STREAM_CLOEXEC), path, backlog);
    }

    private static Fd listening(Fd socket, KernelPath path, int backlog) throws ErrnoException {
        try (var memory = new Memory(0)) {
            new Function("listen").call(memory, path, socket.number(), backlog);
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    /** Connects to the socket at a path of our own; waits while its queue is full. */
    public static Fd connect(KernelPath path) throws ErrnoException {
        return named("connect", path, SEQPACKET_CLOEXEC);
    }

    /** The same of type SOCK_STREAM. */
    public static Fd connectToStream(KernelPath path) throws ErrnoException {
        return named("connect", path, STREAM_CLOEXEC);
    }

    /** The same of type SOCK_DGRAM; what is sent to it never waits. */
    public static Fd connectToDatagrams(KernelPath path) throws ErrnoException {
        return named("connect", path, DATAGRAM_CLOEXEC_NONBLOCK);
    }

    /**
     * send(2): one message. EAGAIN where it would have to wait, EMSGSIZE when it is too long,
     * ECONNREFUSED when nobody is there any more.
     */
    public static void send(Fd socket, byte[] message) throws ErrnoException {
        try (var memory = new Memory(message.length)) {
            memory.bytes().put(0, message);
            Calls.SEND.callLong(
                    memory, socket, socket.number(), memory.at(0), message.length, MSG_NOSIGNAL);
        }
    }

    /**
     * accept4(2): waits for a connection. EINVAL once the socket was shut down and its queue is
     * empty; ECONNABORTED and EINTR want another try.
     */
    public static Fd accept(Fd listening) throws ErrnoException {
        try (var memory = new Memory(0)) {
            return new Fd(
                    Calls.ACCEPT4.call(memory, listening, listening.number(), 0, 0, SOCK_CLOEXEC));
        }
    }

    /** SO_PEERCRED: who is at the other end. */
    public static PeerCredentials peer(Fd connection) throws ErrnoException {
        try (var memory = new Memory(16)) {
            memory.bytes().putInt(12, 12);
            Calls.GETSOCKOPT.call(
                    memory,
                    connection,
                    connection.number(),
                    SOL_SOCKET,
                    SO_PEERCRED,
                    memory.at(0),
                    memory.at(12));
            return new PeerCredentials(
                    memory.bytes().getInt(0), memory.bytes().getInt(4), memory.bytes().getInt(8));
        }
    }

    /** SO_RCVTIMEO: how long a receive or accept waits before EAGAIN; zero waits for ever. */
    public static void setReceiveTimeout(Fd socket, Duration timeout) throws ErrnoException {
        try (var memory = new Memory(16)) {
            memory.bytes().putLong(0, timeout.toSeconds());
            memory.bytes().putLong(8, timeout.toNanosPart() / 1000);
            Calls.SETSOCKOPT.call(
                    memory, socket, socket.number(), SOL_SOCKET, SO_RCVTIMEO, memory.at(0), 16);
        }
    }

    /**
     * shutdown(2), both ways. On a listening socket nobody can connect any more, while those
     * already in its queue can still be accepted.
     */
    public static void shutdown(Fd socket) throws ErrnoException {
        try (var memory = new Memory(0)) {
            new Function("shutdown").call(memory, socket, socket.number(), SHUT_RDWR);
        }
    }

    /** A new socket, bound or connected to a path. */
    private static Fd named(String call, KernelPath path, int type) throws ErrnoException {
        if (path.length() > ADDRESS_BYTES - FAMILY_BYTES - 1) {
            throw new ErrnoException(call, path, Errno.ENAMETOOLONG);
        }
        try (var memory = new Memory(ADDRESS_BYTES)) {
            int number = new Function("socket").call(memory, "", AF_UNIX, type, 0);
            var socket = new Fd(number);
            memory.bytes().putShort(0, (short) AF_UNIX);
            memory.put(FAMILY_BYTES, path.toBytes());
            int length = FAMILY_BYTES + path.length() + 1;
            try {
                new Function(call).call(memory, path, number, memory.at(0), length);
            } catch (ErrnoException e) {
                socket.close();
                throw e;
            }
            return socket;
        }
    }

    /** What each conversation needs; the others are looked up when called. */
    private static final class Calls {
        static final Function ACCEPT4 = new Function("accept4");
        static final Function SEND = new Function("send");
        static final Function GETSOCKOPT = new Function("getsockopt");
        static final Function SETSOCKOPT = new Function("setsockopt");
    }
}
