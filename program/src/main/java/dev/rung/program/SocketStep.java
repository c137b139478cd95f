package dev.rung.program;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Steps on sockets, terminals and whatever else ioctl(2) reaches. */
public sealed interface SocketStep extends Step {
    int AF_UNIX = 1;
    int AF_INET = 2;
    int AF_NETLINK = 16;

    int SOCK_STREAM = 1;
    int SOCK_DGRAM = 2;
    int SOCK_RAW = 3;
    int SOCK_SEQPACKET = 5;
    int SOCK_NONBLOCK = 0x800;
    int SOCK_CLOEXEC = 0x80000;

    long MSG_DONTWAIT = 0x40;
    long MSG_NOSIGNAL = 0x4000;
    long MSG_CMSG_CLOEXEC = 0x40000000;

    long TIOCSCTTY = 0x540e;
    long TIOCGWINSZ = 0x5413;
    long TIOCSWINSZ = 0x5414;
    long TIOCGPTPEER = 0x5441;
    long TIOCSPTLCK = 0x40045431L;
    long TIOCGPTN = 0x80045430L;
    long NS_GET_USERNS = 0xb701;
    long NS_GET_PARENT = 0xb702;
    long NS_GET_NSTYPE = 0xb703;
    long NS_GET_OWNER_UID = 0xb704;
    long SIOCGIFFLAGS = 0x8913;
    long SIOCSIFFLAGS = 0x8914;

    /** The address of a unix socket in the file system: 107 bytes at most, else Invalid. */
    static Bytes unixAddress(KernelPath path) {
        if (path.length() > 107) {
            throw new Failure.Invalid(
                    "\"%s\": a socket's path of more than 107 bytes".formatted(path));
        }
        return Bytes.of(
                ByteBuffer.allocate(2 + path.length() + 1)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) AF_UNIX)
                        .put(path.toBytes())
                        .array());
    }

    /** socket(2). Result: the descriptor. */
    record Socket(int domain, int type, int protocol) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.SOCKET).number(domain).number(type).number(protocol);
        }
    }

    /** socketpair(2): two connected ends, whose numbers of 4 bytes each go into the hole. */
    record Socketpair(int domain, int type, int protocol, Hole into) implements SocketStep {
        public static final int SIZE = 8;

        public Socketpair {
            if (into.size() < SIZE) {
                throw new IllegalArgumentException("socketpair needs " + SIZE + " bytes");
            }
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SOCKETPAIR).number(domain).number(type).number(protocol).bytes(into);
        }
    }

    /** bind(2) to a sockaddr, such as of {@link #unixAddress}. */
    record Bind(Operand fd, Bytes address) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.BIND).operand(fd).bytes(address).number(address.length());
        }
    }

    /** connect(2) to a sockaddr. */
    record Connect(Operand fd, Bytes address) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.CONNECT).operand(fd).bytes(address).number(address.length());
        }
    }

    /** listen(2). */
    record Listen(Operand fd, int backlog) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.LISTEN).operand(fd).number(backlog);
        }
    }

    /** accept4(2); the peer's address is not asked for. Result: the descriptor. */
    record Accept4(Operand fd, long flags) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.ACCEPT4).operand(fd).number(0).number(0).number(flags);
        }
    }

    /** sendmsg(2) of bytes, at least one, and descriptors. */
    record SendDescriptors(Operand socket, Bytes payload, Operand length, List<Operand> fds)
            implements SocketStep {
        public SendDescriptors {
            fds = List.copyOf(fds);
        }

        public SendDescriptors(Operand socket, Bytes payload, Operand fd) {
            this(socket, payload, Operand.of(payload.length()), List.of(fd));
        }

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int message = data.reserve(56);
            int part = data.reserve(16);
            data.pointer(part, data.bytes(payload));
            to.poke(length, part + 8, 8);
            data.pointer(message + 16, part);
            data.put64(message + 24, 1);
            if (!fds.isEmpty()) {
                int control = data.reserve(16 + 4 * fds.size() + 7 & ~7);
                data.put64(control, 16 + 4 * fds.size());
                data.put32(control + 8, 1); // SOL_SOCKET
                data.put32(control + 12, 1); // SCM_RIGHTS
                for (int i = 0; i < fds.size(); i++) {
                    to.poke(fds.get(i), control + 16 + 4 * i, 4);
                }
                data.pointer(message + 32, control);
                data.put64(message + 40, 16 + 4 * fds.size());
            }
            to.call(Call.SENDMSG).operand(socket).address(message).number(MSG_NOSIGNAL);
        }
    }

    /**
     * recvmsg(2) of one byte, and a descriptor that comes with it, close-on-exec: its number is in
     * the last 4 bytes of the hole, which are zero when none came.
     */
    record ReceiveDescriptor(Operand socket, Hole into) implements SocketStep {
        /** One control message (cmsg(3)) with a descriptor. */
        public static final int SIZE = 20;

        public ReceiveDescriptor {
            if (into.size() != SIZE) {
                throw new IllegalArgumentException("a descriptor comes in " + SIZE + " bytes");
            }
        }

        /** Where the number is. */
        public static Hole descriptor(Hole into) {
            return into.from(SIZE - 4);
        }

        @Override
        public void lower(Lowering to) {
            DataArea data = to.data();
            int message = data.reserve(56);
            int part = data.reserve(16);
            data.pointer(part, data.reserve(1));
            data.put64(part + 8, 1);
            data.pointer(message + 16, part);
            data.put64(message + 24, 1);
            data.pointer(message + 32, data.bytes(into));
            data.put64(message + 40, SIZE);
            to.call(Call.RECVMSG).operand(socket).address(message).number(MSG_CMSG_CLOEXEC);
        }
    }

    /** sendto(2) without an address: netlink messages, datagrams of a connected socket. */
    record Send(Operand fd, Bytes data, Operand length, long flags) implements SocketStep {
        public Send(Operand fd, Bytes data) {
            this(fd, data, Operand.of(data.length()), 0);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.SENDTO)
                    .operand(fd)
                    .bytes(data)
                    .operand(length)
                    .number(flags)
                    .number(0)
                    .number(0);
        }
    }

    /** recvfrom(2) without an address. Result: how many bytes. */
    record Receive(Operand fd, Hole into, long flags) implements SocketStep {
        @Override
        public void lower(Lowering to) {
            to.call(Call.RECVFROM)
                    .operand(fd)
                    .bytes(into)
                    .number(into.size())
                    .number(flags)
                    .number(0)
                    .number(0);
        }
    }

    /** ioctl(2) with a number. Result: what it gives, for some a descriptor. */
    record Ioctl(Operand fd, long request, long argument) implements SocketStep {
        /** Makes the terminal the controlling one of this session. */
        public static Ioctl controllingTerminal(Operand terminal) {
            return new Ioctl(terminal, TIOCSCTTY, 0);
        }

        /** Opens the other end of a pseudo terminal, whatever lies in /dev/pts. */
        public static Ioctl terminalPeer(Operand ptmx) {
            return new Ioctl(
                    ptmx, TIOCGPTPEER, FileStep.O_RDWR | FileStep.O_NOCTTY | FileStep.O_CLOEXEC);
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.IOCTL).operand(fd).number(request);
            if (request == TIOCGPTPEER) {
                to.openFlags(argument);
            } else {
                to.number(argument);
            }
        }
    }

    /** ioctl(2) with a structure, which it may write to if that is a hole. */
    record IoctlData(Operand fd, long request, Bytes data) implements SocketStep {
        public static IoctlData unlockTerminal(Operand ptmx) {
            return new IoctlData(ptmx, TIOCSPTLCK, Bytes.of(new byte[4]));
        }

        /** Reads a terminal's size into 8 bytes. */
        public static IoctlData readWindowSize(Operand terminal, Hole into) {
            return new IoctlData(terminal, TIOCGWINSZ, into);
        }

        /** Sets a terminal's size to what {@link #readWindowSize} found. */
        public static IoctlData windowSize(Operand terminal, Hole size) {
            return new IoctlData(terminal, TIOCSWINSZ, size);
        }

        public static IoctlData windowSize(Operand terminal, int rows, int columns) {
            return new IoctlData(
                    terminal,
                    TIOCSWINSZ,
                    Bytes.of(
                            ByteBuffer.allocate(8)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .putShort((short) rows)
                                    .putShort((short) columns)
                                    .array()));
        }

        @Override
        public void lower(Lowering to) {
            to.call(Call.IOCTL).operand(fd).number(request).bytes(data);
        }
    }
}
