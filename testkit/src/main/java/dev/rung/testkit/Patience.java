package dev.rung.testkit;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what the kernel or another process does in its own time. */
public final class Patience {
    private Patience() {}

    /** Asks every 5 ms, for at most 30 s; then fails with the given words. */
    public static void await(BooleanSupplier wish, Supplier<String> whatIsInstead) {
        if (!comes(wish, Command.PATIENCE.toMillis())) {
            throw new AssertionError(whatIsInstead.get());
        }
    }

    /** Whether the wish came true within this many milliseconds. */
    static boolean comes(BooleanSupplier wish, long milliseconds) {
        long end = System.nanoTime() + milliseconds * 1_000_000;
        while (!wish.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
