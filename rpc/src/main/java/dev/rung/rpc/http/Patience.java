package dev.rung.rpc.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A time that something may take, over and over. A deadline is one write to a field; a thread that
 * sleeps until then is there only while it might be missed.
 */
final class Patience {
    private static final long NONE = 0;

    private final Runnable expiry;
    private final AtomicBoolean watched = new AtomicBoolean();
    private volatile long deadline = NONE;
    private volatile @Nullable Thread watch;

    /** What is done when a time is over, on a thread of its own. */
    Patience(Runnable expiry) {
        this.expiry = expiry;
    }

    /** What is done now may take so long, from now on. */
    void allow(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        deadline = end == NONE ? 1 : end;
        if (watched.compareAndSet(false, true)) {
            watch = Thread.ofVirtual().name("patience").start(this::watch);
        }
    }

    /** It is done. */
    void rest() {
        deadline = NONE;
    }

    /** Nothing will be done any more. */
    void end() {
        deadline = NONE;
        Thread thread = watch;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void watch() {
        try {
            while (true) {
                long end = deadline;
                if (end == NONE) {
                    watched.set(false);
                    if (deadline == NONE || !watched.compareAndSet(false, true)) {
                        return;
                    }
                    continue;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    deadline = NONE;
                    expiry.run();
                } else {
                    Thread.sleep(Duration.ofNanos(left));
                }
            }
        } catch (InterruptedException _) {
            // the end
        }
    }
}
