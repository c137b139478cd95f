package dev.rung.resident;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a program ended.
 *
 * @param failure the step that failed; null when the whole program succeeded
 * @param warnings tolerated errors worth a word, in the order they came
 * @param slots the values of all slots at the end, -1 where nothing was stored
 */
public record RunResult(
        @Nullable FailureRecord failure, List<FailureRecord> warnings, List<Long> slots) {
    public boolean succeeded() {
        return failure == null;
    }

    public long slot(int index) {
        return slots.get(index);
    }
}
