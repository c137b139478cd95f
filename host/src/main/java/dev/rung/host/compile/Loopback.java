package dev.rung.host.compile;

import dev.rung.program.Bytes;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.SocketStep.IoctlData;
import dev.rung.program.SocketStep.Socket;

/** The loopback interface of a new network namespace. */
final class Loopback {
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_FLAGS = 16;
    private static final int UP_RUNNING = 0x1 | 0x40;

    private Loopback() {}

    static void raise(Script s) {
        byte[] request = new byte[IFREQ_SIZE];
        request[0] = 'l';
        request[1] = 'o';
        request[IFREQ_FLAGS] = UP_RUNNING;
        Slot socket =
                s.add(
                        "socket",
                        new Socket(
                                SocketStep.AF_UNIX,
                                SocketStep.SOCK_DGRAM | SocketStep.SOCK_CLOEXEC,
                                0));
        s.add(new IoctlData(socket, SIOCSIFFLAGS, Bytes.of(request)));
        s.close(socket);
    }
}
