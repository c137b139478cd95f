package dev.rung.host.systemd;

import static dev.rung.domain.Errno.ECONNREFUSED;
import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.domain.Errno.ERANGE;

import dev.rung.domain.KernelPath;
import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Label;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.StepStream;
import java.util.ArrayList;
import java.util.List;

/**
 * How a program asks systemd for something: the front end connects, so that systemd sees the
 * caller's user and rights, and passes the connection up for the words.
 */
public final class SystemdSteps {
    private static final Label LABEL =
            new Label("linux.cgroupsPath", "failed to connect to dbus of systemd");

    private SystemdSteps() {}

    /**
     * Connects and waits until all was said.
     *
     * @param throughBus the phase that talks through a bus
     * @param directly the phase that talks to systemd itself, where there is no bus
     * @param more descriptors that are passed behind the connection
     */
    public static void ask(
            StepStream front, SystemdAddress address, int throughBus, int directly, Slot... more) {
        Mark noBus = front.mark();
        Mark done = front.mark();
        Slot connection = socket(front);
        var fds = new ArrayList<Operand>();
        fds.add(connection);
        fds.addAll(List.of(more));
        connect(front, connection, address.bus(), noBus);
        front.add(new ControlStep.Phase(throughBus, fds), LABEL);
        front.add(new ControlStep.Expect(Operand.of(0), -1, 1, ERANGE, false), LABEL)
                .tolerating(ERANGE)
                .skippingTo(done);
        front.place(noBus);
        front.add(
                new SocketStep.Connect(
                        connection, SocketStep.unixAddress(KernelPath.of(address.direct()))),
                LABEL);
        front.add(new ControlStep.Phase(directly, fds), LABEL);
        front.place(done);
        front.add(new FileStep.Close(connection), LABEL);
    }

    private static Slot socket(StepStream front) {
        int type = SocketStep.SOCK_STREAM | SocketStep.SOCK_CLOEXEC;
        return front.add(new SocketStep.Socket(SocketStep.AF_UNIX, type, 0), LABEL).into("systemd");
    }

    private static void connect(StepStream front, Slot connection, String path, Mark otherwise) {
        front.add(
                        new SocketStep.Connect(
                                connection, SocketStep.unixAddress(KernelPath.of(path))),
                        LABEL)
                .tolerating(ENOENT)
                .tolerating(ECONNREFUSED)
                .skippingTo(otherwise);
    }
}
