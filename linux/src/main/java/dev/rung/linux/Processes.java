package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.util.List;

/** Children with a socket to us, and waiting for processes that are not our children. */
public final class Processes {
    /** The number under which a child finds its socket. */
    public static final int CHILD_SOCKET = 3;

    private static final int SYS_PIDFD_OPEN = 434; // on all architectures
    private static final int POINTER = 8;
    private static final int ACTIONS_BYTES = 256; // posix_spawn_file_actions_t has 80
    private static final int POLLIN = 1;

    private Processes() {}

    /**
     * posix_spawn(3), which copies nothing of this process: starts the executable with the socket
     * as descriptor {@value #CHILD_SOCKET}, besides what of ours is not close-on-exec. The child
     * must be waited for.
     *
     * @param environment as {@code NAME=value}
     */
    public static int spawn(
            Fd executable, List<KernelPath> argv, List<KernelPath> environment, Fd socket)
            throws ErrnoException {
        var path = KernelPath.of("/proc/self/fd/" + executable.number());
        return spawn(path, argv, environment, socket, false);
    }

    /**
     * The same with the executable, or script, at a path, and with no other descriptor of ours but
     * 0 to 2.
     */
    public static int spawn(
            KernelPath executable, List<KernelPath> argv, List<KernelPath> environment, Fd socket)
            throws ErrnoException {
        return spawn(executable, argv, environment, socket, true);
    }

    private static int spawn(
            KernelPath path,
            List<KernelPath> argv,
            List<KernelPath> environment,
            Fd socket,
            boolean closeOthers)
            throws ErrnoException {
        int pointers = argv.size() + environment.size() + 2;
        int texts = ACTIONS_BYTES + POINTER + pointers * POINTER;
        int size = texts + path.length() + 1;
        for (KernelPath word : argv) {
            size += word.length() + 1;
        }
        for (KernelPath word : environment) {
            size += word.length() + 1;
        }
        try (var memory = new Memory(size)) {
            long actions = memory.at(0);
            long pid = memory.at(ACTIONS_BYTES);
            int arguments = ACTIONS_BYTES + POINTER;
            int variables = arguments + (argv.size() + 1) * POINTER;
            int at = put(memory, argv, arguments, texts);
            at = put(memory, environment, variables, at);
            long file = memory.put(at, path.toBytes());
            check(path, new Function("posix_spawn_file_actions_init").call(memory, "", actions));
            try {
                check(
                        path,
                        new Function("posix_spawn_file_actions_adddup2")
                                .call(memory, "", actions, socket.number(), CHILD_SOCKET));
                if (closeOthers) {
                    check(
                            path,
                            new Function("posix_spawn_file_actions_addclosefrom_np")
                                    .call(memory, "", actions, CHILD_SOCKET + 1));
                }
                check(
                        path,
                        new Function("posix_spawn")
                                .call(
                                        memory,
                                        path,
                                        pid,
                                        file,
                                        actions,
                                        0,
                                        memory.at(arguments),
                                        memory.at(variables)));
            } finally {
                new Function("posix_spawn_file_actions_destroy").call(memory, "", actions);
            }
            return memory.bytes().getInt(ACTIONS_BYTES);
        }
    }

    /** waitpid(2): waits for the end of a child and forgets it. */
    public static void await(int child) throws ErrnoException {
        try (var memory = new Memory(8)) {
            while (true) {
                try {
                    new Function("waitpid").call(memory, child, child, memory.at(0), 0);
                    return;
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EINTR) {
                        throw e;
                    }
                }
            }
        }
    }

    /** pidfd_open(2): the process itself, whoever gets its number later. ESRCH: there is none. */
    public static Fd open(int pid) throws ErrnoException {
        try (var memory = new Memory(0)) {
            return new Fd(
                    Function.bySystemCall("pidfd_open").call(memory, pid, SYS_PIDFD_OPEN, pid, 0));
        }
    }

    /** poll(2): waits for the end of an opened process. */
    public static void await(Fd process) throws ErrnoException {
        try (var memory = new Memory(8)) {
            var poll = new Function("poll");
            memory.bytes().putInt(0, process.number());
            memory.bytes().putShort(4, (short) POLLIN);
            while (true) {
                try {
                    poll.call(memory, process, memory.at(0), 1, -1);
                    return;
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EINTR) {
                        throw e;
                    }
                }
            }
        }
    }

    /** Puts texts and, closed by a NULL, their addresses; where the next text goes. */
    private static int put(Memory memory, List<KernelPath> words, int pointers, int texts) {
        int at = texts;
        int pointer = pointers;
        for (KernelPath word : words) {
            memory.bytes().putLong(pointer, memory.put(at, word.toBytes()));
            pointer += POINTER;
            at += word.length() + 1;
        }
        return at;
    }

    /** These functions return the error. */
    private static void check(KernelPath path, int error) throws ErrnoException {
        if (error != 0) {
            throw new ErrnoException("posix_spawn", path, error);
        }
    }
}
