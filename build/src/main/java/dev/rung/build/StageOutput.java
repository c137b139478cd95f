package dev.rung.build;

import dev.rung.domain.Digest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Puts what stages tell into the order of the Dockerfile, though they run at the same time: one
 * stage is heard at once, those after it when it is done. A stage that has too much to say waits.
 */
final class StageOutput {
    private static final int MOST_HELD = 1 << 20;

    private final BuildListener listener;
    private final Map<Integer, Held> held = new HashMap<>();
    private int front;

    private static final class Held {
        private final Queue<Runnable> lines = new ArrayDeque<>();
        private int size;
        private boolean done;
    }

    StageOutput(BuildListener listener) {
        this.listener = listener;
    }

    /** What one stage tells. */
    BuildListener of(int stage) {
        return new BuildListener() {
            @Override
            public void text(String text) {
                tell(stage, text.length(), () -> listener.text(text));
            }

            @Override
            public void error(String text) {
                tell(stage, text.length(), () -> listener.error(text));
            }

            @Override
            public void made(Digest id) {
                tell(stage, 1, () -> listener.made(id));
            }
        };
    }

    private synchronized void tell(int stage, int size, Runnable line) {
        Held own = held.computeIfAbsent(stage, absent -> new Held());
        while (stage > front && own.size > MOST_HELD) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // the build ends, and nobody listens
            }
        }
        if (stage > front) {
            own.lines.add(line);
            own.size += size;
        } else {
            line.run();
        }
    }

    /** No more comes of the stage, or nothing at all. */
    synchronized void done(int stage) {
        held.computeIfAbsent(stage, absent -> new Held()).done = true;
        while (true) {
            Held first = held.get(front);
            if (first == null || !first.done) {
                break;
            }
            front++;
            Held next = held.get(front);
            if (next != null) {
                flush(next);
            }
        }
        notifyAll();
    }

    /** Lets a stage be heard that failed, whatever is said before it. */
    synchronized void hear(int stage) {
        Held own = held.get(stage);
        if (own != null) {
            flush(own);
        }
    }

    private static void flush(Held stage) {
        for (Runnable line = stage.lines.poll(); line != null; line = stage.lines.poll()) {
            line.run();
        }
        stage.size = 0;
    }
}
