package dev.rung.host.compile;

import static dev.rung.program.FileStep.CLOSE_RANGE_CLOEXEC;
import static dev.rung.program.FileStep.O_RDWR;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;
import static dev.rung.program.SocketStep.AF_UNIX;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_SEQPACKET;

import dev.rung.program.ControlStep.Exec;
import dev.rung.program.ControlStep.Fork;
import dev.rung.program.ControlStep.HeedStream;
import dev.rung.program.ControlStep.Load;
import dev.rung.program.ControlStep.Probe;
import dev.rung.program.ControlStep.Signals;
import dev.rung.program.FileStep.CloseRange;
import dev.rung.program.FileStep.Dup3;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdGetfd;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.Socketpair;
import java.util.ArrayList;
import java.util.List;

/**
 * The process of a stream that becomes "criu swrk", and the front end's way to it. criu takes
 * descriptors by their numbers in the process that made the socket it is spoken to over, so that
 * process is the one which becomes criu: all that is handed to it has a number that is known before
 * it runs, and the front end fetches its own end of the socket from there.
 */
final class CriuProcess {
    private static final int STREAM = 1;

    /** More than the front end has open of its own, so that what is handed on covers nothing. */
    private static final int ROOM = 64;

    private final CriuCommand command;
    private final Script front;
    private final Script inner;
    private final int served;
    private final List<Operand> handed = new ArrayList<>();
    private final Slot ours;
    private final Slot pid;
    private final Slot pidfd;

    CriuProcess(CriuCommand command, Script front, Script inner) {
        this.command = command;
        this.front = front;
        this.inner = inner;
        this.served = 3 + command.inheritedFds() + ROOM;
        this.ours = front.slot("criuEnd");
        this.pid = front.slot("criuPid");
        this.pidfd = front.slot("criuPidfd");
    }

    /** Hands a descriptor of the front end on. */
    int hand(Operand descriptor) {
        handed.add(descriptor);
        return served + handed.size();
    }

    /** Its pid, once it is forked. */
    Slot pid() {
        return pid;
    }

    /**
     * Forks it. Should more fail, it hears so by the end of its socket, takes back what it did, and
     * ends; killed it would leave a container with its code in it.
     *
     * @param cgroup that it begins in, else {@link Operand#NONE}
     */
    void fork(Operand cgroup) {
        front.at("", "unable to start criu");
        front.add(new Fork(0, STREAM, cgroup, pidfd)).into(pid);
        front.undo().add(new Waitid(P_PIDFD, pidfd, null, WEXITED | WALL));
    }

    /** Waits until it is criu. The socket to speak with it. */
    Slot meet() {
        front.at("", "unable to start criu");
        front.waitFor(STREAM, Sync.CRIU);
        Slot socket = front.add("criu", new PidfdGetfd(pidfd, ours));
        front.undo().close(socket);
        front.post(STREAM, Sync.CRIU_MET);
        front.add(new HeedStream(STREAM));
        return socket;
    }

    /** Waits for its end, which comes by itself when there is nothing more to say. */
    void part(Slot socket) {
        front.at("", "unable to wait for the end of criu");
        front.close(socket);
        front.add(new Waitid(P_PIDFD, pidfd, null, WEXITED | WALL));
        front.close(pidfd);
    }

    /**
     * The last steps of its own stream.
     *
     * @param streams whether it keeps the caller's standard streams, for the container
     */
    void become(boolean streams) {
        Environment environment = Environment.of(command.environment(), 0, false);
        List<String> candidates = environment.candidates(command.program());
        boolean searched = Environment.isSearched(command.program());
        inner.at("", "unable to start criu");
        inner.add(new Signals());
        inner.add(new CloseRange(3, CLOSE_RANGE_CLOEXEC));
        Hole pair = inner.hole(Socketpair.SIZE);
        inner.add(new Socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
        inner.add(new Load(pair.part(0, 4))).into(ours);
        Slot theirs = inner.add("served", new Load(pair.part(4, 4)));
        inner.add(new Dup3(theirs, Operand.of(served), 0));
        for (int i = 0; i < handed.size(); i++) {
            inner.add(new Dup3(handed.get(i), Operand.of(served + 1 + i), 0));
        }
        if (!streams) {
            Slot nothing = inner.openat("nothing", Operand.CWD, "/dev/null", O_RDWR, 0);
            inner.add(new Dup3(nothing, Operand.of(0), 0));
            inner.add(new Dup3(nothing, Operand.of(1), 0));
        }
        inner.at(
                "",
                "exec: "
                        + Quoted.of(command.program())
                        + (searched ? ": executable file not found in $PATH" : ""));
        Slot choice = inner.add("program", new Probe(Script.texts(candidates), searched));
        inner.at("", "unable to start criu");
        inner.post(0, Sync.CRIU);
        inner.waitFor(0, Sync.CRIU_MET);
        inner.at("", "exec " + Quoted.of(command.program()));
        inner.add(
                new Exec(
                        Script.texts(candidates),
                        Script.texts(List.of(command.program(), "swrk", Integer.toString(served))),
                        Script.texts(command.environment()),
                        choice));
    }
}
