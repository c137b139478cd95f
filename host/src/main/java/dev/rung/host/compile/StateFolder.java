package dev.rung.host.compile;

import static dev.rung.program.FileStep.AT_REMOVEDIR;
import static dev.rung.program.FileStep.LOCK_EX;
import static dev.rung.program.FileStep.LOCK_NB;
import static dev.rung.program.FileStep.O_CREAT;
import static dev.rung.program.FileStep.O_DIRECTORY;
import static dev.rung.program.FileStep.O_EXCL;
import static dev.rung.program.FileStep.O_PATH;
import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.FileStep.O_WRONLY;
import static dev.rung.program.SocketStep.AF_UNIX;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_SEQPACKET;

import dev.rung.domain.KernelPath;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.ControlStep.Ensure;
import dev.rung.program.ControlStep.Starttime;
import dev.rung.program.FileStep.Fchdir;
import dev.rung.program.FileStep.Flock;
import dev.rung.program.FileStep.Pwrite;
import dev.rung.program.FileStep.Write;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep;
import dev.rung.program.SocketStep.Bind;
import dev.rung.program.SocketStep.Listen;
import dev.rung.program.SocketStep.Socket;
import org.jspecify.annotations.Nullable;

/**
 * The folder that says that a container exists: steps of the front end. It is made before anything
 * else, exclusively, and says what is about to be made, so that a container whose maker was killed
 * can still be deleted. state.json and config.json lie in it; while the container waits for start
 * also a socket to start it by and a lock that its process holds until it has become the user's.
 */
final class StateFolder {
    static final String STATE = "state.json";
    static final String CONFIG = "config.json";
    static final String LOCK = "init.lock";
    static final String START = "start";

    private static final int BACKLOG = 8;

    private final ContainerPlan plan;
    private final Script s;
    private final StateRecord record;
    private @Nullable Slot folder;
    private @Nullable Slot stateFile;
    private @Nullable Slot lock;
    private @Nullable Slot socket;

    StateFolder(ContainerPlan plan, Script s) {
        this.plan = plan;
        this.s = s;
        this.record = StateRecord.own(plan);
    }

    /**
     * Makes it with its two files. Steps of undoing what is made afterwards come before its own.
     */
    void make(Hole stopped) {
        String id = plan.request().id().value();
        s.at("", "unable to create the state folder " + Quoted.of(plan.request().stateRoot()));
        Slot host = s.openat("hostRoot", Operand.CWD, "/", O_PATH | O_DIRECTORY, 0);
        Slot root = s.add("stateRoot", new Ensure(host, plan.request().stateRoot(), false, 0700));
        s.close(host);
        s.at("", "container with given ID already exists");
        s.mkdirat(root, id, 0700);
        HookSteps.runUndoing(s, "poststop", plan.config().hooks().poststop(), stopped);
        s.at("", "unable to create the state folder of the container");
        s.undo().unlinkat(root, id, AT_REMOVEDIR);
        Slot made = s.openNoLinks("state", root, id, O_PATH | O_DIRECTORY);
        folder = made;
        stateFile = file(made, STATE, record.bytes());
        s.close(file(made, CONFIG, plan.request().config()));
        if (plan.request().notifySocket() != null) {
            NotifySocket.prepare(s.stream(), made);
        }
    }

    private Slot file(Slot in, String name, byte[] content) {
        s.at("", "unable to store " + name);
        Slot file = s.openat(name, in, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
        s.undo().unlinkat(in, name, 0);
        s.add(new Write(file, Bytes.of(content)));
        return file;
    }

    /** What the container's process holds and listens to until it is started. */
    void prepareStart() {
        Slot in = made();
        s.at("", "unable to store " + LOCK);
        Slot file = s.openat("lock", in, LOCK, O_RDONLY | O_CREAT | O_EXCL, 0600);
        s.undo().unlinkat(in, LOCK, 0);
        s.add(new Flock(file, LOCK_EX | LOCK_NB));
        lock = file;
        s.at("", "unable to listen for start");
        Slot listening = s.add("start", new Socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        // By its short name, for the whole path may be longer than an address can be.
        Slot back = s.openat("cwd", Operand.CWD, ".", O_PATH | O_DIRECTORY, 0);
        s.add(new Fchdir(in));
        s.add(new Bind(listening, SocketStep.unixAddress(KernelPath.of(START))));
        s.undo().unlinkat(in, START, 0);
        s.add(new Fchdir(back));
        s.close(back);
        s.add(new Listen(listening, BACKLOG));
        socket = listening;
    }

    /** Fills in the process, as soon as there is one. */
    void record(Slot pid, Slot startTime) {
        Slot file = state();
        s.at("", "unable to store the init process in " + STATE);
        s.add(new Starttime(pid)).into(startTime);
        number(file, pid, StateRecord.PID_WIDTH, record.pidAt());
        number(file, startTime, StateRecord.START_TIME_WIDTH, record.startTimeAt());
    }

    /** The resctrl group was there before us, and is to stay. */
    void disownGroup() {
        s.at("", "unable to store the resctrl group in " + STATE);
        s.add(new Pwrite(state(), Bytes.of("0"), record.ownAt()));
    }

    /** Nothing more is to be filled in. */
    void close() {
        s.at("", "unable to store the init process in " + STATE);
        s.close(state());
    }

    private Slot state() {
        if (stateFile == null) {
            throw new IllegalStateException("state.json is not written yet");
        }
        return stateFile;
    }

    private void number(Slot file, Slot value, int width, int at) {
        Hole digits = s.hole(width);
        s.add(Decimal.aligned(value, digits));
        s.add(new Pwrite(file, digits, at));
    }

    /** The front end's own copies, without which it would keep the lock. */
    void release() {
        if (lock != null && socket != null) {
            s.at("", "unable to release " + LOCK);
            s.close(lock);
            s.close(socket);
        }
    }

    /** The socket on which the container's process awaits its start. */
    Slot startSocket() {
        if (socket == null) {
            throw new IllegalStateException("this container is started at once");
        }
        return socket;
    }

    /** The folder itself. */
    Slot made() {
        if (folder == null) {
            throw new IllegalStateException("the folder is not made yet");
        }
        return folder;
    }
}
