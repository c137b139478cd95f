package dev.rung.resident;

import dev.rung.domain.Errno;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NativeHeap;
import dev.rung.linux.Packets;
import dev.rung.linux.Sockets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Serves the front ends that connect to a listening socket, each on a platform thread of its own,
 * until none came for some time. The threads wait in accept themselves, so that a call wakes the
 * thread that serves it and no other; one more is started whenever none would be left waiting, and
 * those too many end.
 */
final class Resident {
    private static final int MOST_THREADS = 128; // connections beyond wait in the socket's queue
    private static final int KEPT_WAITING = 8;
    private static final long STACK_BYTES = 512 * 1024;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);
    private static final Duration TRIM_AFTER = Duration.ofSeconds(10);

    /** The same for an engine that is never idle for so long. */
    private static final Duration TRIM_AT_WORK = Duration.ofMinutes(1);

    private final Fd listening;
    private final Reception reception;
    private final ResidentLog log;
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long lastUse = System.nanoTime();

    /** The socket listens; it is shut down and closed in the end. */
    Resident(Fd listening, Reception reception, ResidentLog log) {
        this.listening = listening;
        this.reception = reception;
        this.log = log;
    }

    /**
     * Serves until no conversation was under way for that long, and the door could be closed. By
     * then all that had connected were served.
     */
    void serve(Duration idle, Door door) throws ErrnoException, InterruptedException {
        addThread();
        long trimmed = lastUse - 1;
        while (true) {
            Thread.sleep(Math.min(idle.toMillis(), TRIM_AFTER.toMillis()));
            long use = lastUse;
            long rest = System.nanoTime() - use;
            boolean busy = threads.get() > waiting.get();
            if (!busy && rest >= idle.toNanos() && door.close()) {
                break;
            } else if (!busy && rest >= TRIM_AFTER.toNanos() && use != trimmed) {
                trimmed = use;
                System.gc();
                NativeHeap.trim();
            }
        }
        // wakes the waiting threads once the queue is empty; nobody can connect any more
        Sockets.shutdown(listening);
        synchronized (threads) {
            while (threads.get() > 0) {
                threads.wait();
            }
        }
        listening.close();
    }

    /**
     * Serves until it is told to leave, and then those that are served already: for some seconds at
     * most, because a front end may wait for a container that stays.
     */
    void serve(Leaving leaving) throws InterruptedException, ErrnoException {
        addThread();
        long trimmed = lastUse - 1;
        long last = System.nanoTime();
        while (!leaving.await(TRIM_AFTER)) {
            long now = System.nanoTime();
            long use = lastUse;
            if (use != trimmed && now - use >= TRIM_AFTER.toNanos()) {
                trimmed = use;
                last = now;
                System.gc();
                NativeHeap.trim();
            } else if (use != trimmed && now - last >= TRIM_AT_WORK.toNanos()) {
                last = now;
                NativeHeap.trim(); // what compilers took for a moment, 36 MB at times
            }
        }
        Sockets.shutdown(listening);
        long end = System.nanoTime() + LAST_ANSWERS.toNanos();
        while (threads.get() > 0 && System.nanoTime() < end) {
            Thread.sleep(PAUSE.toMillis() / 10);
        }
    }

    /** Waits for the next connection; null once nobody can connect any more. */
    private @Nullable Fd accept() {
        while (true) {
            try {
                return Sockets.accept(listening);
            } catch (ErrnoException e) {
                switch (e.errno()) {
                    case Errno.EINVAL -> {
                        return null;
                    }
                    case Errno.EINTR, Errno.ECONNABORTED -> {}
                    default -> {
                        // out of descriptors or memory: others will end and give theirs back
                        log.say(e.getMessage());
                        LockSupport.parkNanos(PAUSE.toNanos());
                    }
                }
            }
        }
    }

    private void addThread() {
        threads.incrementAndGet();
        waiting.incrementAndGet();
        var thread = new Thread(null, this::work, "conversation", STACK_BYTES, false);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            // no thread is to be had; those that are there come back to accept
            waiting.decrementAndGet();
            threads.decrementAndGet();
        }
    }

    private void work() {
        try (var packets = new Packets(Conversation.LONGEST_MESSAGE)) {
            while (true) {
                Fd connection = accept();
                if (connection == null) {
                    waiting.decrementAndGet();
                    return;
                }
                if (waiting.decrementAndGet() == 0 && threads.get() < MOST_THREADS) {
                    addThread();
                }
                reception.serve(connection, packets);
                lastUse = System.nanoTime();
                if (waiting.getAndIncrement() >= KEPT_WAITING) {
                    waiting.decrementAndGet();
                    return;
                }
            }
        } finally {
            synchronized (threads) {
                threads.decrementAndGet();
                threads.notifyAll();
            }
        }
    }
}
