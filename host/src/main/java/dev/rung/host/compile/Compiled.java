package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.isolation.HostDescription;
import dev.rung.program.Machine;
import dev.rung.program.Program;
import dev.rung.program.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program with what its caller has to know to run it.
 *
 * @param phases what the resident is asked for while it runs, by the number in the step
 * @param warnings one line each, to be told before it runs
 * @param pid of the process that it makes
 * @param pidfd the same as a descriptor of the front end
 * @param terminal the caller's end of the terminal, null when there is none or it was sent away
 * @param ready where to wait for the process to be ready, null: nowhere
 */
public record Compiled(
        Program program,
        List<Phase> phases,
        List<String> warnings,
        Slot pid,
        Slot pidfd,
        @Nullable Slot terminal,
        @Nullable Notify ready) {

    /** The socket that the process tells it on, and the one to tell the caller with. */
    public record Notify(Slot socket, Slot caller) {}

    static Machine machine(HostDescription host) {
        return switch (host.machine()) {
            case "x86_64" -> Machine.X86_64;
            case "aarch64" -> Machine.AARCH64;
            default -> throw new Failure.Unsupported("machine " + Quoted.of(host.machine()));
        };
    }
}
