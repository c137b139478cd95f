package dev.rung.engine.forward;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.linux.Packets;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.util.List;

/** Datagrams to a unix socket, which java.nio does not have. */
final class LocalDatagrams implements SyslogConnection {
    private static final long FIRST_PAUSE_MS = 1;
    private static final long LONGEST_PAUSE_MS = 100;
    private static final int SHORTEST = 8;

    private final Fd socket;
    private final String path;
    private final String ownName;

    private LocalDatagrams(Fd socket, String path, String ownName) {
        this.socket = socket;
        this.path = path;
        this.ownName = ownName;
    }

    static LocalDatagrams connect(String path, String ownName) throws IOException {
        try {
            Fd socket = Sockets.connectToDatagrams(KernelPath.of(path));
            return new LocalDatagrams(socket, path, ownName);
        } catch (ErrnoException | Failure.Invalid e) {
            throw new IOException("dial unixgram " + path + ": " + words(e), e);
        }
    }

    private static String words(Exception e) {
        return e instanceof ErrnoException errno
                ? errno.call() + ": " + Errno.phrase(errno.errno())
                : String.valueOf(e.getMessage());
    }

    /** Waits while the other end's queue is full, by looking again. */
    @Override
    public void send(byte[] message) throws IOException, InterruptedException {
        try {
            untilTaken(() -> Sockets.send(socket, message));
        } catch (ErrnoException e) {
            throw failed(e);
        }
    }

    /** The same for one of any length: what is too long goes as a file in memory. */
    void sendOrPass(byte[] message) throws IOException, InterruptedException {
        try {
            untilTaken(() -> Sockets.send(socket, message));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EMSGSIZE && e.errno() != Errno.ENOBUFS) {
                throw failed(e);
            }
            pass(message);
        }
    }

    private void pass(byte[] message) throws IOException, InterruptedException {
        try (Fd file = Memfds.sealed(KernelPath.of("journal"), message);
                var packets = new Packets(SHORTEST)) {
            untilTaken(() -> packets.send(socket, 0, List.of(file)));
        } catch (ErrnoException e) {
            throw failed(e);
        }
    }

    /** Something that may have to be done again. */
    private interface Attempt {
        void run() throws ErrnoException;
    }

    private static void untilTaken(Attempt attempt) throws ErrnoException, InterruptedException {
        long pause = FIRST_PAUSE_MS;
        while (true) {
            try {
                attempt.run();
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EAGAIN && e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
    }

    private IOException failed(ErrnoException e) {
        return new IOException("write unixgram " + path + ": " + words(e), e);
    }

    @Override
    public String ownName() {
        return ownName;
    }

    @Override
    public boolean isGone() {
        return false; // the next message tells
    }

    @Override
    public void close() {
        socket.close();
    }
}
