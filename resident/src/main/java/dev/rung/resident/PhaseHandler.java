package dev.rung.resident;

import dev.rung.linux.Fd;
import java.util.List;

/** Does what a running program leaves to Java at a PHASE step. */
public interface PhaseHandler {
    /** For programs without phases: one that comes makes the program fail. */
    PhaseHandler NONE =
            (id, _) -> {
                throw new IllegalStateException("unexpected phase " + id);
            };

    /**
     * Answers what to write into the program's data before it goes on. The descriptors are those
     * that the step names, without the missing ones, and are closed at the end of the conversation
     * at the latest. Whatever is thrown makes the program fail and be undone, and is thrown again
     * by {@link Caller#run}.
     */
    List<Patch> reached(int id, List<Fd> descriptors);

    /** Bytes to put at an offset into the data of the program. */
    record Patch(int offset, byte[] bytes) {}
}
