package dev.rung.image;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Tells the readers of a growing file how far it is; the states go one way but for a restart. */
final class GrowthSignal {
    /** What a reader that has read all so far is to do. */
    enum Next {
        READ_ON,
        END
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long length;
    private int generation;
    private boolean verified;
    private boolean abandoned;

    void reached(long newLength) {
        change(() -> length = newLength);
    }

    void restarted() {
        change(() -> {
            length = 0;
            generation++;
        });
    }

    void verified() {
        change(() -> verified = true);
    }

    void abandoned() {
        change(() -> abandoned = true);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int generation() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is more than {@code position}, or the end is known. */
    Next await(long position, int readersGeneration) throws IOException {
        lock.lock();
        try {
            while (true) {
                if (generation != readersGeneration) {
                    throw new IOException("the download begins anew");
                }
                if (length > position) {
                    return Next.READ_ON;
                }
                if (verified) {
                    return Next.END;
                }
                if (abandoned) {
                    throw new IOException("the download ended before the content was whole");
                }
                changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }
}
