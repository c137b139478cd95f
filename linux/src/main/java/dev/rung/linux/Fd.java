package dev.rung.linux;

import java.util.concurrent.atomic.AtomicInteger;

/** An open descriptor of this process, closed once. All of them are close-on-exec. */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    /** Takes over a descriptor that is open and has no other owner. */
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("no descriptor: " + number);
        }
        this.number = new AtomicInteger(number);
    }

    /** The number, valid until close; IllegalStateException after it. */
    public int number() {
        int open = number.get();
        if (open == CLOSED) {
            throw new IllegalStateException("descriptor used after it was closed");
        }
        return open;
    }

    /** close(2); on Linux the number is free again even when it reports an error. */
    @Override
    public void close() {
        int open = number.getAndSet(CLOSED);
        if (open == CLOSED) {
            return;
        }
        try (var memory = new Memory(0)) {
            Calls.CLOSE.call(memory, "", open);
        } catch (ErrnoException e) {
            // nobody could do anything about it
        }
    }

    @Override
    public String toString() {
        int open = number.get();
        return open == CLOSED ? "closed fd" : "fd " + open;
    }

    private static final class Calls {
        static final Function CLOSE = new Function("close");
    }
}
