package dev.rung.build;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Stages that are made at the same time, each on a thread of its own. A stage waits for those
 * before it that it needs, and never for one after it. The first that fails ends the others.
 */
final class StageTasks {
    private static final int UNNUMBERED = 0;

    private final Maker maker;
    private final StageOutput output;
    private final Map<Integer, Task> tasks = new HashMap<>(); // guarded by this
    private final ThreadLocal<Integer> current = new ThreadLocal<>();
    private @Nullable Throwable first; // guarded by this

    /** Makes a stage. */
    interface Maker {
        ImageState make(int stage, int firstStep)
                throws IOException, InterruptedException, CommandFailure;
    }

    private record Task(FutureTask<ImageState> work, Thread thread) {}

    StageTasks(Maker maker, StageOutput output) {
        this.maker = maker;
        this.output = output;
    }

    /** The stage that this thread makes. */
    int current() {
        Integer stage = current.get();
        if (stage == null) {
            throw new IllegalStateException("no thread of a stage");
        }
        return stage;
    }

    /**
     * Makes stages; all of them have ended when this returns or throws.
     *
     * @param firstSteps of each stage, by the number of its first step
     */
    ImageState makeAll(Map<Integer, Integer> firstSteps, int target)
            throws IOException, InterruptedException, CommandFailure {
        firstSteps.forEach(this::begin);
        try {
            return begin(target, UNNUMBERED).work.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw failure(cause == null ? e : cause);
        } finally {
            endAll();
        }
    }

    /** What a stage makes; waits for it. */
    ImageState get(int stage) throws InterruptedException {
        try {
            return begin(stage, UNNUMBERED).work.get();
        } catch (ExecutionException e) {
            throw new InterruptedException("a stage that this one needs has failed");
        }
    }

    private synchronized Task begin(int stage, int firstStep) {
        Task known = tasks.get(stage);
        if (known != null) {
            return known;
        }
        var work = new FutureTask<>(() -> make(stage, firstStep));
        // it waits in system calls, and unpacks layers
        Thread thread = Thread.ofPlatform().name("build stage " + stage).unstarted(work);
        var task = new Task(work, thread);
        tasks.put(stage, task);
        thread.start();
        return task;
    }

    private ImageState make(int stage, int firstStep)
            throws IOException, InterruptedException, CommandFailure {
        current.set(stage);
        try {
            ImageState made = maker.make(stage, firstStep);
            output.done(stage);
            return made;
        } catch (IOException | InterruptedException | CommandFailure | RuntimeException | Error e) {
            failed(stage, e);
            throw e;
        }
    }

    private void failed(int stage, Throwable failure) {
        synchronized (this) {
            if (first != null || failure instanceof InterruptedException) {
                return;
            }
            first = failure;
            tasks.forEach((other, task) -> {
                if (other != stage) {
                    task.thread.interrupt();
                }
            });
        }
        output.hear(stage);
    }

    /** Interrupts those that still run, and waits for them: they clear up. */
    private void endAll() throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        Map<Integer, Task> all;
        synchronized (this) {
            all = Map.copyOf(tasks);
        }
        for (Task task : all.values()) {
            if (!task.work.isDone()) {
                task.thread.interrupt();
            }
        }
        for (Task task : all.values()) {
            while (task.thread.isAlive()) {
                try {
                    task.thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    task.thread.interrupt();
                }
            }
        }
        if (interrupted) {
            throw new InterruptedException("build cancelled");
        }
    }

    /** The first of all failures, of whatever stage, as it was. */
    private synchronized RuntimeException failure(Throwable ofTarget)
            throws IOException, InterruptedException, CommandFailure {
        Throwable failure = first == null ? ofTarget : first;
        return switch (failure) {
            case IOException e -> throw e;
            case InterruptedException e -> throw e;
            case CommandFailure e -> throw e;
            case Error e -> throw e;
            case RuntimeException e -> e;
            default -> throw new Failure.Unavailable("build a stage", failure);
        };
    }
}
