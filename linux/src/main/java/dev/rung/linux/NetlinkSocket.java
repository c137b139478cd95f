package dev.rung.linux;

import dev.rung.domain.Errno;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A netlink(7) socket, which speaks for the network namespace of the thread that made it for as
 * long as it lives. One thread at a time may use it. The kernel has answered before a request
 * returns, so nothing here waits but {@link #await}.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int ADDRESS_BYTES = 12; // struct sockaddr_nl
    private static final int RAW_CLOEXEC = 3 | 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_TRUNC = 0x20;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int ERROR_BYTES = 20; // errno and the header of the request
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int LARGEST_ANSWER = 64 * 1024;
    private static final int RECEIVE_BUFFER = 1 << 20; // a batch is answered message by message

    /** A request whose success is acknowledged, as all requests here are. */
    public static final int REQUEST = 0x1 | 0x4;

    /** A request for all there is. */
    public static final int DUMP = 0x1 | 0x300;

    /** A request to make what must not be there yet. */
    public static final int CREATE = REQUEST | 0x400 | 0x200;

    private final Fd socket;

    private NetlinkSocket(Fd socket) {
        this.socket = socket;
    }

    /** Links, addresses, routes: rtnetlink(7). */
    public static NetlinkSocket route() throws ErrnoException {
        return open(NETLINK_ROUTE);
    }

    /** Packet rules and connections. */
    public static NetlinkSocket netfilter() throws ErrnoException {
        return open(NETLINK_NETFILTER);
    }

    private static NetlinkSocket open(int protocol) throws ErrnoException {
        try (var memory = new Memory(16)) {
            var socket = new Fd(Calls.SOCKET.call(memory, "", AF_NETLINK, RAW_CLOEXEC, protocol));
            var netlink = new NetlinkSocket(socket);
            try {
                netlink.option(memory, SOL_NETLINK, NETLINK_CAP_ACK, 1);
                netlink.option(memory, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            } catch (ErrnoException e) {
                socket.close();
                throw e;
            }
            return netlink;
        }
    }

    /** From now on the messages of that group arrive, for {@link #await}. */
    public void join(int group) throws ErrnoException {
        try (var memory = new Memory(16)) {
            // without an address of its own a socket hears nothing
            memory.bytes().putShort(0, (short) AF_NETLINK);
            new Function("bind").call(memory, "", socket.number(), memory.at(0), ADDRESS_BYTES);
            option(memory, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
        }
    }

    /**
     * Room for the answers to a batch of thousands of messages, or as much as the machine lets
     * those have who lack CAP_NET_ADMIN in its own user namespace (net.core.rmem_max).
     */
    public void enlargeReceiveBuffer() throws ErrnoException {
        try (var memory = new Memory(16)) {
            option(memory, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            try (var memory = new Memory(16)) {
                option(memory, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
            }
        }
    }

    /**
     * Sends the messages at once and waits for the last one's acknowledgement. Throws the first
     * refusal; its object is what is being done and, where the kernel says more, its words.
     */
    public void request(String doing, NetlinkWriter messages) throws ErrnoException {
        exchange(doing, messages, 0);
    }

    /** The same, for the one message that answers; its attributes start after the fixed bytes. */
    public NetlinkMessage ask(String doing, NetlinkWriter message, int fixed)
            throws ErrnoException {
        List<NetlinkMessage> answers = exchange(doing, message, fixed);
        if (answers.isEmpty()) {
            throw new ErrnoException("netlink", doing, Errno.EPROTO);
        }
        return answers.getFirst();
    }

    /** Everything that a dump returns. */
    public List<NetlinkMessage> dump(String doing, NetlinkWriter message, int fixed)
            throws ErrnoException {
        return exchange(doing, message, fixed);
    }

    /**
     * Waits for messages of the groups that were joined and throws their content away. EAGAIN after
     * the time-out, ENOBUFS when some were lost, EBADF or EINVAL once closed.
     */
    public void await(Duration timeout) throws ErrnoException {
        Sockets.setReceiveTimeout(socket, timeout);
        try (var memory = new Memory(LARGEST_ANSWER)) {
            receive(memory, 0);
            drain(memory);
        }
    }

    private List<NetlinkMessage> exchange(String doing, NetlinkWriter messages, int fixed)
            throws ErrnoException {
        int length = messages.length();
        try (var memory = new Memory(Math.max(length, LARGEST_ANSWER))) {
            memory.bytes().put(0, messages.content(), 0, length);
            send(memory, length);
            var answers = new ArrayList<NetlinkMessage>();
            while (true) {
                if (take(memory, receive(memory, 0), doing, messages, fixed, answers)) {
                    return answers;
                }
            }
        } catch (ErrnoException e) {
            throw e.call().equals("netlink") ? e : new ErrnoException(e.call(), doing, e.errno());
        }
    }

    /** Sorts what one receive brought; true after the end of the answer. */
    private boolean take(
            Memory memory,
            int received,
            String doing,
            NetlinkWriter request,
            int fixed,
            List<NetlinkMessage> answers)
            throws ErrnoException {
        ByteBuffer bytes = memory.bytes();
        for (int at = 0; at + NetlinkWriter.HEADER_BYTES <= received; ) {
            int length = bytes.getInt(at);
            int type = bytes.getShort(at + 4) & 0xffff;
            int sequence = bytes.getInt(at + 8);
            if (length < NetlinkWriter.HEADER_BYTES || at + length > received) {
                throw new ErrnoException("netlink", doing, Errno.EPROTO);
            }
            var body = new byte[length - NetlinkWriter.HEADER_BYTES];
            bytes.get(at + NetlinkWriter.HEADER_BYTES, body);
            at += length + 3 & ~3;
            boolean ours = sequence > 0 && sequence <= request.lastSequence();
            if (ours && type == NLMSG_ERROR) {
                refuse(memory, doing, body);
                if (sequence == request.lastSequence()) {
                    return true;
                }
            } else if (ours && type == NLMSG_DONE) {
                return true;
            } else if (ours) {
                answers.add(NetlinkMessage.of(type, body, fixed));
            }
        }
        return false;
    }

    /** Throws unless the message is an acknowledgement. */
    private void refuse(Memory memory, String doing, byte[] body) throws ErrnoException {
        NetlinkMessage error = NetlinkMessage.of(NLMSG_ERROR, body, ERROR_BYTES);
        int errno = -error.fixedInt(0);
        if (errno != 0) {
            String words = error.text(NLMSGERR_ATTR_MSG);
            drain(memory);
            throw new ErrnoException(
                    "netlink", words == null ? doing : doing + ": " + words, errno);
        }
    }

    /** Throws away what has arrived: after a refusal there may be others. */
    private void drain(Memory memory) {
        try {
            while (true) {
                receive(memory, MSG_DONTWAIT);
            }
        } catch (ErrnoException e) {
            // nothing more is there
        }
    }

    private void send(Memory memory, int length) throws ErrnoException {
        // struct sockaddr_nl with the kernel's address is what a send without one means
        Calls.SEND.callLong(memory, "", socket.number(), memory.at(0), length, 0);
    }

    private int receive(Memory memory, int flags) throws ErrnoException {
        while (true) {
            try {
                int room = memory.bytes().capacity();
                int length =
                        (int)
                                Calls.RECV.callLong(
                                        memory,
                                        "",
                                        socket.number(),
                                        memory.at(0),
                                        room,
                                        flags | MSG_TRUNC);
                if (length > room) {
                    throw new ErrnoException("recv", "", Errno.EMSGSIZE);
                }
                return length;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    private void option(Memory memory, int level, int name, int value) throws ErrnoException {
        memory.bytes().putInt(0, value);
        Calls.SETSOCKOPT.call(memory, socket, socket.number(), level, name, memory.at(0), 4);
    }

    @Override
    public void close() {
        socket.close();
    }

    private static final class Calls {
        static final Function SOCKET = new Function("socket");
        static final Function SETSOCKOPT = new Function("setsockopt");
        static final Function SEND = new Function("send");
        static final Function RECV = new Function("recv");
    }
}
