package dev.rung.resident;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a front end does when its command is done. */
public sealed interface Ending {
    /** It exits with that code, 0 to 255. */
    record Exit(int code) implements Ending {}

    /** It does already what {@link Caller#finish} told it. */
    record UnderWay() implements Ending {}

    /**
     * It waits for a process and exits as that ended: its status, or 128 and the signal. Signals
     * that it gets meanwhile go to the process.
     *
     * @param pidSlot slot of the last program that holds the process, a child of the front end
     * @param pidfdSlot slot that holds its pidfd, -1 none
     * @param terminalSlot slot that holds the master of a terminal to relay, -1 none
     * @param ready what passes the process's READY on, null: nothing
     * @param cleanup a program to run afterwards; empty for none
     * @param afterwards argv of a request that the front end makes when there is no cleanup or it
     *     failed, such as a delete; empty for none
     */
    record Wait(
            int pidSlot,
            int pidfdSlot,
            int terminalSlot,
            @Nullable Notify ready,
            byte[] cleanup,
            List<String> afterwards)
            implements Ending {}

    /** It executes another program in its place, by its path. */
    record Become(List<String> arguments) implements Ending {}

    /**
     * It waits until a process is ready or ends, passes that on, and exits with 0.
     *
     * @param pidSlot slot of the last program that holds the process
     * @param pidfdSlot slot that holds its pidfd
     */
    record Ready(int pidSlot, int pidfdSlot, Notify ready) implements Ending {}

    /**
     * How a process tells that it is ready (sd_notify(3)).
     *
     * @param socketSlot slot that holds the socket it tells it on
     * @param callerSlot slot that holds one connected to the service manager
     */
    record Notify(int socketSlot, int callerSlot) {}
}
