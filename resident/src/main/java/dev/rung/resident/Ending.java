package dev.rung.resident;

import java.util.List;

/** What a front end does when its command is done. */
public sealed interface Ending {
    /** It exits with that code, 0 to 255. */
    record Exit(int code) implements Ending {}

    /**
     * It waits for a process and exits as that ended: its status, or 128 and the signal. Signals
     * that it gets meanwhile go to the process.
     *
     * @param pidSlot slot of the last program that holds the process, a child of the front end
     * @param pidfdSlot slot that holds its pidfd, -1 none
     * @param terminalSlot slot that holds the master of a terminal to relay, -1 none
     * @param cleanup a program to run afterwards; empty for none
     * @param afterwards argv of a request that the front end makes when there is no cleanup or it
     *     failed, such as a delete; empty for none
     */
    record Wait(
            int pidSlot, int pidfdSlot, int terminalSlot, byte[] cleanup, List<String> afterwards)
            implements Ending {}
}
