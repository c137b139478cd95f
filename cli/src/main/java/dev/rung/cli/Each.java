package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

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

    /**
     * Prints what there is under each of the names, as an array or by the template of {@code
     * --format}. It is a failure that one is not there.
     *
     * @param find NotFound when there is none of that name; else what writes it
     */
    static Ending inspected(Invocation call, Function<String, Consumer<JsonWriter>> find) {
        var found = new ArrayList<Consumer<JsonWriter>>();
        boolean missing = false;
        for (String name : call.words()) {
            try {
                found.add(find.apply(name));
            } catch (Failure.NotFound e) {
                missing = true;
                call.err("Error response from daemon: " + e.getMessage() + "\n");
            }
        }
        call.out(Document.all(found, call.text("--format")));
        return new Ending.Exit(missing ? 1 : 0);
    }
}
