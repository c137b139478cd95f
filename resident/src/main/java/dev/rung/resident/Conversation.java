package dev.rung.resident;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.linux.Packets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames over one connection, either end. A message is the type, the length of the payload and the
 * payload; a payload too big for one is in a file in memory, the first descriptor of a message with
 * {@code IN_MEMFD} in its type. Owns the connection and all that came over it.
 */
final class Conversation implements AutoCloseable {
    /** The longest message, in bytes. */
    static final int LONGEST_MESSAGE = 128 * 1024;

    /** Enough for a hello. */
    static final int SHORT_MESSAGE = 64;

    /** The most descriptors that the front end takes or sends with one message. */
    static final int MOST_DESCRIPTORS = 64;

    private static final int HEAD_BYTES = 8;
    private static final int IN_MEMFD = 1 << 31;
    private static final int LONGEST_PAYLOAD = 4 << 20;
    private static final KernelPath MEMFD_NAME = KernelPath.of("rung-frame");

    private final Fd connection;
    private final Packets packets;
    private final List<Fd> received = new ArrayList<>();

    /** The packets are lent, for the thread that made them. */
    Conversation(Fd connection, Packets packets) {
        this.connection = connection;
        this.packets = packets;
    }

    /** A frame and as many descriptors as it says; they are closed with the conversation. */
    record Received(Frame frame, List<Fd> descriptors) {}

    /** Waits for the next frame. ConversationLost when the other end closed, or sent nonsense. */
    Received receive() {
        Received received = receiveOrEnd();
        if (received == null) {
            throw new ConversationLost("the other end has closed the connection");
        }
        return received;
    }

    /** Waits for the next frame; null when the other end closed. */
    @Nullable Received receiveOrEnd() {
        int before = received.size();
        try {
            ByteBuffer message = packets.receive(connection, received);
            if (message.remaining() == 0) {
                return null;
            } else if (message.remaining() < HEAD_BYTES) {
                throw new ConversationLost("bad frame: no head");
            }
            message.order(ByteOrder.LITTLE_ENDIAN);
            int type = message.getInt();
            int length = message.getInt();
            ByteBuffer payload = message;
            if ((type & IN_MEMFD) != 0) {
                if (message.hasRemaining() || received.size() == before) {
                    throw new ConversationLost("bad frame: its file in memory is missing");
                }
                try (Fd file = received.remove(before)) {
                    payload = readMemfd(file, length);
                }
            } else if (length != message.remaining()) {
                throw new ConversationLost("bad frame: not as long as it says");
            }
            Frame frame = Frame.read(type & ~IN_MEMFD, new FrameReader(payload));
            var descriptors = List.copyOf(received.subList(before, received.size()));
            int expected = frame.descriptors();
            if (expected >= 0 && expected != descriptors.size()) {
                throw new ConversationLost(
                        "bad frame: descriptors by the count of " + descriptors.size());
            }
            return new Received(frame, descriptors);
        } catch (ErrnoException e) {
            throw new ConversationLost(e.getMessage());
        }
    }

    void send(Frame frame) {
        send(frame, List.of());
    }

    /**
     * Sends a frame with copies of the descriptors. ConversationLost when the other end is gone.
     */
    void send(Frame frame, List<Fd> descriptors) {
        var writer = new FrameWriter();
        frame.write(writer);
        int type = frame.type();
        int length = writer.length();
        ByteBuffer message = packets.toSend().order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (length <= LONGEST_MESSAGE - HEAD_BYTES) {
                message.putInt(0, type).putInt(4, length);
                writer.copyTo(message, HEAD_BYTES);
                packets.send(connection, HEAD_BYTES + length, descriptors);
                return;
            }
            message.putInt(0, type | IN_MEMFD).putInt(4, length);
            try (Fd file = Memfds.sealed(MEMFD_NAME, writer.toBytes())) {
                var all = new ArrayList<Fd>(descriptors.size() + 1);
                all.add(file);
                all.addAll(descriptors);
                packets.send(connection, HEAD_BYTES, all);
            }
        } catch (ErrnoException e) {
            throw new ConversationLost(e.getMessage());
        }
    }

    @Override
    public void close() {
        connection.close();
        for (Fd fd : received) {
            fd.close();
        }
    }

    private static ByteBuffer readMemfd(Fd file, int length) throws ErrnoException {
        // anything else could make us wait
        if (length < 0 || length > LONGEST_PAYLOAD || !Memfds.isMemfd(file)) {
            throw new ErrnoException("a big frame", file, Errno.EINVAL);
        }
        byte[] payload = Descriptors.readAll(file, length);
        if (payload.length != length) {
            throw new ConversationLost("bad frame: not as long as it says");
        }
        return ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    }
}
