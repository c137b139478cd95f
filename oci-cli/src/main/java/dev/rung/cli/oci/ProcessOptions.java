package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.resident.Request;
import org.jspecify.annotations.Nullable;

/**
 * The options about a new process that create, run and exec share; paths are absolute.
 *
 * @param callerTerminal which of the caller's streams is a terminal, -1: none
 * @param notifySocket NOTIFY_SOCKET of the caller
 * @param preserveFds how many descriptors from 3 on it gets, those of socket activation among them
 * @param listenFds how many of them are of socket activation
 */
record ProcessOptions(
        @Nullable String consoleSocket,
        int callerTerminal,
        @Nullable String pidFile,
        @Nullable String pidfdSocket,
        @Nullable String notifySocket,
        int preserveFds,
        int listenFds) {

    private static final int MOST_LISTENING = 1 << 16;

    /**
     * Checks them against the process.
     *
     * @param detached whether the front end leaves it alone
     * @param activated whether descriptors of socket activation are handed on
     */
    static ProcessOptions of(Call call, boolean terminal, boolean detached, boolean activated) {
        String console = path(call, "console-socket");
        if (detached && terminal && console == null) {
            throw new Failure.Invalid(
                    "cannot allocate tty if rung-oci will detach without setting console socket: use --console-socket");
        }
        if ((!detached || !terminal) && console != null) {
            throw new Failure.Invalid(
                    "cannot use console socket if rung-oci will not detach or allocate tty");
        }
        Request caller = call.front().request();
        int listening = activated ? listening(caller) : 0;
        long wanted = call.arguments().integer("preserve-fds");
        // As crun, those that are not open are no error: ours are all closed before the process
        // runs.
        if (wanted < 0 || wanted > Integer.MAX_VALUE - listening) {
            throw new Failure.Invalid("invalid value \"" + wanted + "\" for flag -preserve-fds");
        }
        return new ProcessOptions(
                console,
                terminal(caller.terminals()),
                path(call, "pid-file"),
                path(call, "pidfd-socket"),
                notifySocket(caller),
                (int) wanted + listening,
                listening);
    }

    /**
     * Where the caller's service manager is told that something is ready; null: it does not ask.
     */
    static @Nullable String notifySocket(Request caller) {
        String socket = caller.environment().get("NOTIFY_SOCKET");
        return socket == null || socket.isEmpty() ? null : socket;
    }

    /** In runc's order. */
    private static int terminal(Request.Terminals terminals) {
        if (terminals.err()) {
            return 2;
        }
        return terminals.out() ? 1 : terminals.in() ? 0 : -1;
    }

    private static @Nullable String path(Call call, String option) {
        String given = call.arguments().text(option);
        return given.isEmpty() ? null : call.absolute(given);
    }

    /** How many descriptors of socket activation there are (sd_listen_fds(3)). */
    private static int listening(Request caller) {
        String pid = caller.environment().get("LISTEN_PID");
        String count = caller.environment().get("LISTEN_FDS");
        if (count == null || pid != null && !pid.equals(Integer.toString(caller.pid()))) {
            return 0; // meant for nobody, or for another process
        }
        Long number = GoSyntax.unsigned(count);
        return number == null || number < 0 || number > MOST_LISTENING ? 0 : number.intValue();
    }
}
