package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_RDWR;
import static dev.rung.program.FileStep.O_WRONLY;
import static dev.rung.program.ProcessStep.P_PIDFD;
import static dev.rung.program.ProcessStep.SIGKILL;
import static dev.rung.program.ProcessStep.WALL;
import static dev.rung.program.ProcessStep.WEXITED;
import static dev.rung.program.SocketStep.AF_UNIX;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_STREAM;

import dev.rung.oci.ContainerProcess;
import dev.rung.oci.CpuList;
import dev.rung.program.Bytes;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.PidfdGetfd;
import dev.rung.program.ProcessStep.PidfdSendSignal;
import dev.rung.program.ProcessStep.SchedSetaffinity;
import dev.rung.program.ProcessStep.Waitid;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.IoctlData;
import dev.rung.program.SocketStep.SendDescriptors;
import dev.rung.program.SocketStep.Socket;
import java.util.Arrays;

/** What the front end does for a process, be it a container's first or one that enters later. */
final class FrontSteps {
    /** As many processors as runc thinks of, in bytes. */
    private static final int CPU_MASK_SIZE = 1024;

    private static final int WINDOW_SIZE = 8;

    private FrontSteps() {}

    /** Follows the step that made the process: should more fail, it is killed and reaped. */
    static void undoProcess(Script s, Slot pidfd) {
        s.undo().add(new Waitid(P_PIDFD, pidfd, null, WEXITED | WALL));
        s.undo().add(new PidfdSendSignal(pidfd, SIGKILL));
    }

    static Slot connect(Script s, String name, String path) {
        Slot socket = s.add(name, new Socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        UnixAddress.connect(s, socket, path);
        return socket;
    }

    static void sendPidfd(Script s, Slot socket, String payload, Slot pidfd) {
        s.at("", "failed to send pidfd on socket");
        s.add(new SendDescriptors(socket, Bytes.of(payload), pidfd));
        s.close(socket);
    }

    /**
     * The process may run wherever its cgroup lets it, whatever the caller was bound to: before it
     * enters the cgroup or after, it comes to the same.
     */
    static void allowAllCpus(Script s, Operand pid) {
        byte[] all = new byte[CPU_MASK_SIZE];
        Arrays.fill(all, (byte) 0xff);
        s.at("", "resetting the CPU affinity failed");
        s.add(new SchedSetaffinity(pid, Bytes.of(all))).toleratingAll().warning();
    }

    static void bindToCpus(Script s, String key, String say, Operand pid, CpuList cpus) {
        s.at(key, say);
        s.add(new SchedSetaffinity(pid, Bytes.of(Scheduling.mask(cpus))));
    }

    /** {@code folder} is /proc/PID. */
    static void oomScore(Script s, Slot folder, ContainerProcess process) {
        Integer score = process.oomScoreAdj();
        if (score != null) {
            String name = "oom_score_adj";
            s.at("process.oomScoreAdj", "failed to update /proc/self/oom_score_adj");
            Slot file = s.openat(name, folder, name, O_WRONLY, 0);
            s.write(file, score.toString());
            s.close(file);
        }
    }

    /**
     * The terminal that a process is shown on: one of the caller's streams, else its controlling
     * terminal, which must be there.
     */
    static Operand callerTerminal(Script s, int stream) {
        if (stream >= 0) {
            return Operand.of(stream);
        }
        s.at("process.terminal", "open /dev/tty");
        return s.openat("callerTerminal", Operand.CWD, "/dev/tty", O_RDWR, 0);
    }

    /**
     * The caller's end of a terminal that the process of the stream has made, of the size of the
     * caller's own.
     */
    static Slot takeTerminal(Script s, int stream, Slot pidfd, Slot master, Operand caller) {
        s.at("process.terminal", "unable to receive the console");
        s.waitFor(stream, Sync.CONSOLE);
        Slot terminal = s.add("terminal", new PidfdGetfd(pidfd, master));
        s.at("process.terminal", "unable to resize the console");
        Hole size = s.hole(WINDOW_SIZE);
        Mark unknown = s.mark();
        s.add(IoctlData.readWindowSize(caller, size)).toleratingAll().orElse(unknown);
        s.add(IoctlData.windowSize(terminal, size));
        s.place(unknown);
        return terminal;
    }
}
