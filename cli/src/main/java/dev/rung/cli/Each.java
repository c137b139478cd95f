package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.resident.Ending;

/** Commands that do one thing to each of several. */
final class Each {
    private Each() {}

    /** Does it to one, and gives the line to print. */
    interface Act {
        String to(String name);
    }

    /** Goes on after a failure, which is told; the exit code is 1 then. */
    static Ending of(Invocation call, Act act) {
        return of(call, false, act);
    }

    /**
     * The same.
     *
     * @param force whether it is no failure that one is not there
     */
    static Ending of(Invocation call, boolean force, Act act) {
        boolean failed = false;
        for (String name : call.words()) {
            try {
                call.out(act.to(name) + "\n");
            } catch (Failure e) {
                failed |= !force || !(e instanceof Failure.NotFound);
                call.err("Error response from daemon: " + e.getMessage() + "\n");
            }
        }
        return new Ending.Exit(failed ? 1 : 0);
    }
}
