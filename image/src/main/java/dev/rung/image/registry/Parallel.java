package dev.rung.image.registry;

import dev.rung.domain.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Jobs on threads of their own that all end before {@link #join} returns: the first failure
 * interrupts the others and is thrown unchanged, as is an interruption of who waits.
 */
final class Parallel {
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** What a job does. */
    interface Job {
        void run() throws InterruptedException;
    }

    void add(String name, Job job) {
        Runnable guarded =
                () -> {
                    if (failure.get() != null) {
                        return; // an interruption before the start is lost
                    }
                    try {
                        job.run();
                    } catch (InterruptedException e) {
                        fail(e);
                    } catch (RuntimeException | Error e) {
                        fail(e);
                    }
                };
        threads.add(Thread.ofVirtual().name(name).unstarted(guarded));
    }

    private void fail(Throwable e) {
        if (failure.compareAndSet(null, e)) {
            threads.forEach(Thread::interrupt);
        }
    }

    /** Starts all and waits for all. */
    void join() throws InterruptedException {
        threads.forEach(Thread::start);
        InterruptedException interrupted = null;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = e;
                    fail(e);
                }
            }
        }
        if (interrupted != null) {
            throw interrupted;
        }
        switch (failure.get()) {
            case null -> {}
            case Failure known -> throw known;
            case RuntimeException unknown -> throw unknown;
            case Error error -> throw error;
            case Throwable other ->
                    throw (InterruptedException)
                            new InterruptedException("interrupted").initCause(other);
        }
    }
}
