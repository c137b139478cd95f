package dev.rung.engine;

import dev.rung.domain.Failure;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work that goes on beside other work, where both mostly wait. */
final class Aside {
    private Aside() {}

    /**
     * Returns when both are done, also when one has failed.
     *
     * @param name of the thread that does the first
     */
    static void run(String name, Runnable aside, Runnable act) {
        var work = new FutureTask<>(aside, true);
        Thread.ofVirtual().name(name).start(work);
        try {
            act.run();
        } finally {
            await(work);
        }
    }

    private static void await(FutureTask<Boolean> work) {
        try {
            work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
