package dev.rung.linux;

import dev.rung.domain.Errno;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Messages with descriptors over a SOCK_SEQPACKET socket: memory for one message each way, used by
 * the thread that made it, for one conversation after another.
 *
 * <p>Memory layout: struct msghdr (56 bytes), struct iovec (16), room for control messages, the
 * message received, the message to send; see recvmsg(2), cmsg(3), unix(7).
 */
public final class Packets implements AutoCloseable {
    /** The most descriptors one message can carry (SCM_MAX_FD of the kernel). */
    public static final int MOST_DESCRIPTORS = 253;

    private static final int IOVEC_AT = 56;
    private static final int CONTROL_AT = 72;
    private static final int CMSGHDR_BYTES = 16;
    private static final int CONTROL_BYTES = CMSGHDR_BYTES + (MOST_DESCRIPTORS + 1) * 4;
    private static final int RECEIVED_AT = CONTROL_AT + CONTROL_BYTES;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private final Memory memory;
    private final ByteBuffer bytes;
    private final int longest;

    /** Messages of up to so many bytes each way; a multiple of 8. */
    public Packets(int longest) {
        memory = new Memory(RECEIVED_AT + 2 * longest);
        bytes = memory.bytes();
        this.longest = longest;
    }

    /** The whole room for a message to send, little-endian, from position 0. */
    public ByteBuffer toSend() {
        return bytes.slice(RECEIVED_AT + longest, longest).order(bytes.order());
    }

    /**
     * recvmsg(2): waits for a message and returns it, little-endian; empty means the other end has
     * closed. Descriptors that came with it are added to the list and belong to the caller. A
     * message that is too long, or whose descriptors did not all fit this process's limit, is
     * EMSGSIZE, and what came of it is closed. The buffer is overwritten by the next receive.
     */
    public ByteBuffer receive(Fd socket, List<Fd> descriptors) throws ErrnoException {
        long length;
        while (true) {
            header(longest, RECEIVED_AT, CONTROL_BYTES);
            try {
                length =
                        Calls.RECVMSG.callLong(
                                memory, socket, socket.number(), memory.at(0), MSG_CMSG_CLOEXEC);
                break;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
        int first = descriptors.size();
        takeDescriptors(descriptors);
        if ((bytes.getInt(48) & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
            List<Fd> came = descriptors.subList(first, descriptors.size());
            came.forEach(Fd::close);
            came.clear();
            throw new ErrnoException("recvmsg", socket, Errno.EMSGSIZE);
        }
        return bytes.slice(RECEIVED_AT, (int) length).order(bytes.order());
    }

    /**
     * sendmsg(2): sends the first so many bytes of the room and copies of the descriptors, at most
     * {@value #MOST_DESCRIPTORS}. Waits while the other end's queue is full. EPIPE or ECONNRESET
     * when it has closed.
     */
    public void send(Fd socket, int length, List<Fd> descriptors) throws ErrnoException {
        int count = descriptors.size();
        if (count > MOST_DESCRIPTORS || length > longest) {
            throw new ErrnoException("sendmsg", socket, Errno.EMSGSIZE);
        }
        int control = count == 0 ? 0 : CMSGHDR_BYTES + (count + 1) / 2 * 8;
        while (true) {
            header(length, RECEIVED_AT + longest, control);
            if (count > 0) {
                bytes.putLong(CONTROL_AT, CMSGHDR_BYTES + 4L * count);
                bytes.putInt(CONTROL_AT + 8, SOL_SOCKET);
                bytes.putInt(CONTROL_AT + 12, SCM_RIGHTS);
                for (int i = 0; i < count; i++) {
                    bytes.putInt(CONTROL_AT + CMSGHDR_BYTES + 4 * i, descriptors.get(i).number());
                }
            }
            try {
                Calls.SENDMSG.callLong(memory, socket, socket.number(), memory.at(0), MSG_NOSIGNAL);
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        memory.close();
    }

    private void header(int length, int at, int control) {
        bytes.putLong(0, 0); // no name
        bytes.putLong(8, 0);
        bytes.putLong(16, memory.at(IOVEC_AT));
        bytes.putLong(24, 1);
        bytes.putLong(32, control == 0 ? 0 : memory.at(CONTROL_AT));
        bytes.putLong(40, control);
        bytes.putLong(48, 0); // flags
        bytes.putLong(IOVEC_AT, memory.at(at));
        bytes.putLong(IOVEC_AT + 8, length);
    }

    private void takeDescriptors(List<Fd> descriptors) {
        int end = CONTROL_AT + (int) bytes.getLong(40);
        int at = CONTROL_AT;
        while (at + CMSGHDR_BYTES <= end) {
            int length = (int) bytes.getLong(at);
            if (length < CMSGHDR_BYTES || length > end - at) {
                return;
            }
            if (bytes.getInt(at + 8) == SOL_SOCKET && bytes.getInt(at + 12) == SCM_RIGHTS) {
                for (int i = CMSGHDR_BYTES; i + 4 <= length; i += 4) {
                    descriptors.add(new Fd(bytes.getInt(at + i)));
                }
            }
            at += (length + 7) / 8 * 8;
        }
    }

    private static final class Calls {
        static final Function RECVMSG = new Function("recvmsg");
        static final Function SENDMSG = new Function("sendmsg");
    }
}
