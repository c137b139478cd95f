package dev.rung.host.compile;

import static dev.rung.domain.Errno.ENOENT;
import static dev.rung.program.FileStep.AT_REMOVEDIR;
import static dev.rung.program.FileStep.O_CLOEXEC;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.SocketStep.AF_UNIX;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_DGRAM;

import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.oci.Mount;
import dev.rung.program.Bytes;
import dev.rung.program.FileStep.Fchdir;
import dev.rung.program.FileStep.Fchmodat;
import dev.rung.program.FileStep.Mkdirat;
import dev.rung.program.FileStep.Openat;
import dev.rung.program.FileStep.Unlinkat;
import dev.rung.program.Label;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.SocketStep.Bind;
import dev.rung.program.SocketStep.Connect;
import dev.rung.program.SocketStep.Socket;
import dev.rung.program.StepStream;
import java.util.List;

/**
 * A socket for sd_notify(3) in the container, whose READY the front end passes on to the one that
 * its caller named in NOTIFY_SOCKET. As runc has it: a folder beside the container's state is made
 * with the container and bound to /run/notify; the socket in it is made by who starts it.
 */
public final class NotifySocket {
    private static final String FOLDER = "notify";
    private static final String NAME = "notify.sock";
    private static final String INSIDE = "/run/" + FOLDER;
    private static final Label MAKING = new Label("", "unable to make the notify socket");
    private static final Label CALLING = new Label("", "unable to connect to NOTIFY_SOCKET");

    private NotifySocket() {}

    /** Takes both away where they are; {@code state} is the folder of the container's state. */
    public static void remove(StepStream front, Slot state, Label label) {
        front.add(new Unlinkat(state, FOLDER + "/" + NAME, 0), label).tolerating(ENOENT);
        front.add(new Unlinkat(state, FOLDER, AT_REMOVEDIR), label).tolerating(ENOENT);
    }

    /** What the process finds in its environment. */
    static String variable() {
        return "NOTIFY_SOCKET=" + INSIDE + "/" + NAME;
    }

    /**
     * The mount that brings it into the container.
     *
     * @param state the folder of the container's state
     */
    static Mount mount(String state) {
        List<String> options = List.of("bind", "nosuid", "noexec", "nodev", "ro");
        return new Mount(INSIDE, null, state + "/" + FOLDER, options, List.of(), List.of());
    }

    /** Makes the folder; {@code state} is that of the container. */
    static void prepare(StepStream front, Slot state) {
        front.add(new Mkdirat(state, FOLDER, 0755), MAKING)
                .undo(new Unlinkat(state, FOLDER, AT_REMOVEDIR));
    }

    /**
     * Makes the socket, to receive from.
     *
     * @param state the folder of the container's state
     */
    public static Slot bind(StepStream front, Slot state) {
        Slot socket =
                front.add(new Socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), MAKING).into("notify");
        long flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        // By its short name, for the whole path may be longer than an address can be.
        Slot back = front.add(new Openat(Operand.CWD, ".", flags), MAKING).into("cwd");
        Slot folder = front.add(new Openat(state, FOLDER, flags), MAKING).into("notifyFolder");
        front.add(new Fchdir(folder), MAKING);
        front.add(new Bind(socket, SocketStep.unixAddress(KernelPath.of(NAME))), MAKING)
                .undo(new Unlinkat(folder, NAME, 0));
        front.add(new Fchmodat(folder, NAME, 0777), MAKING);
        front.add(new Fchdir(back), MAKING);
        return socket;
    }

    /**
     * A socket to send to the caller's service manager with; one that does not answer is warned of.
     *
     * @param address what NOTIFY_SOCKET says: a path, or a name after '@'
     */
    public static Slot connect(StepStream front, String address) {
        Slot socket =
                front.add(new Socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), CALLING)
                        .into("notifyCaller");
        front.add(new Connect(socket, address(address)), CALLING).toleratingAll().warning();
        return socket;
    }

    private static Bytes address(String text) {
        if (!text.startsWith("@")) {
            return SocketStep.unixAddress(KernelPath.of(text));
        }
        byte[] name = RawText.encode(text);
        byte[] address = new byte[2 + name.length];
        address[0] = AF_UNIX;
        System.arraycopy(name, 1, address, 3, name.length - 1);
        return Bytes.of(address);
    }
}
