package dev.rung.engine.monitor;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Packets;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A connection to a monitor that is attached already and is to be given away, to a front end: all
 * that the container writes from now on comes over it, but nothing of it is read here.
 */
public final class AttachSocket implements AutoCloseable {
    private static final int LONGEST = 256;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Fd socket;

    private AttachSocket(Fd socket) {
        this.socket = socket;
    }

    /** Attaches to a container that was created, for what it writes to these. */
    public static AttachSocket open(ContainerFolders folders, Set<Output> streams) {
        try (var door = new MonitorDoor(folders)) {
            Fd socket = Sockets.connectToStream(KernelPath.of(door.path().toString()));
            try {
                greet(socket, streams);
                return new AttachSocket(socket);
            } catch (ErrnoException | RuntimeException e) {
                socket.close();
                throw e;
            }
        } catch (IOException | ErrnoException e) {
            throw new Failure.Unavailable("attach to the container: " + e.getMessage(), e);
        }
    }

    public Fd socket() {
        return socket;
    }

    private static void greet(Fd socket, Set<Output> streams) throws ErrnoException {
        int bits = 0;
        for (Output stream : streams) {
            bits |= stream.bit();
        }
        ByteBuffer attach =
                MonitorWire.frame(MonitorWire.ATTACH, 2 * Integer.BYTES)
                        .putInt(bits)
                        .putInt((int) PATIENCE.toMillis());
        try (var packets = new Packets(LONGEST)) {
            packets.toSend().put(attach.flip());
            packets.send(socket, attach.limit(), List.of());
        }
        while (true) {
            ByteBuffer head = read(socket, MonitorWire.HEAD_BYTES);
            int type = head.get(1);
            read(socket, head.getInt(4));
            if (type == MonitorWire.ATTACHED) {
                return;
            }
        }
    }

    private static ByteBuffer read(Fd socket, int count) throws ErrnoException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] next = Descriptors.readNext(socket, bytes.remaining());
            if (next.length == 0) {
                throw new ErrnoException("read", "a monitor's socket", Errno.ECONNRESET);
            }
            bytes.put(next);
        }
        return bytes.flip();
    }

    @Override
    public void close() {
        socket.close();
    }
}
