package dev.rung.program;

import java.util.Arrays;

/**
 * A place in a stream that earlier steps may skip to. Made by {@link StepStream#mark}, put where it
 * belongs by {@link StepStream#place}.
 */
public final class Mark {
    private final StepStream stream;
    private int[] skipping = new int[2];
    private int count;
    private int position = -1;

    Mark(StepStream stream) {
        this.stream = stream;
    }

    boolean isOf(StepStream other) {
        return stream == other;
    }

    boolean isPlaced() {
        return position >= 0;
    }

    boolean isWanted() {
        return count > 0;
    }

    void skipFrom(int step) {
        if (count == skipping.length) {
            skipping = Arrays.copyOf(skipping, 2 * count);
        }
        skipping[count++] = step;
    }

    void place(int at, Lowering steps) {
        position = at;
        for (int i = 0; i < count; i++) {
            steps.skip(skipping[i], at - skipping[i] - 1);
        }
    }
}
