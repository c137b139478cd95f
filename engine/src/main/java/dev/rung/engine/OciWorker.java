package dev.rung.engine;

import dev.rung.cli.oci.CommandLine;
import dev.rung.cli.oci.LentFront;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import dev.rung.resident.Caller;
import dev.rung.resident.ConversationLost;
import dev.rung.resident.Ending;
import dev.rung.resident.HandOver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Front ends of the engine itself: small children that execute the programs of the host runtime's
 * verbs, for containers that no client is waiting for. A verb that takes its time holds up no
 * other: each child does one after another, there is one more when all are at work, and those that
 * have nothing to do end, all but one. A child that was killed is replaced.
 */
final class OciWorker implements AutoCloseable {
    private static final KernelPath NAME = KernelPath.of("rung-worker");
    private static final int MOST = 8;
    private static final Duration REST = Duration.ofSeconds(5);

    private final Fd executor;
    private final LentFront verbs;
    private final FrontEnds frontEnds;
    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final Set<Thread> serving = new HashSet<>();
    private int idle;

    /** The executor is a sealed file in memory; it is lent. */
    OciWorker(Fd executor, CommandLine commands, FrontEnds frontEnds) {
        this.executor = executor;
        this.frontEnds = frontEnds;
        this.verbs = new LentFront(commands);
    }

    /** What the front end is to do. */
    interface Work {
        LentFront.Said with(Caller front);
    }

    /** Work that waits to be done. */
    private record Job(Work work, CompletableFuture<LentFront.Said> said) {}

    /**
     * Runs a verb of rung-oci to its end.
     *
     * @param arguments behind the name of the program
     */
    LentFront.Said run(List<String> arguments) {
        var words = new ArrayList<String>();
        words.add("rung-oci");
        words.addAll(arguments);
        return run(front -> verbs.run(front, List.copyOf(words)));
    }

    /** The same, for a container. */
    LentFront.Said run(ContainerId container, List<String> arguments) {
        var words = new ArrayList<String>();
        words.add("rung-oci");
        words.addAll(arguments);
        return run(front -> {
            int pid = front.request().pid();
            frontEnds.begin(pid, container);
            try {
                return verbs.run(front, List.copyOf(words));
            } finally {
                frontEnds.end(pid);
            }
        });
    }

    /** Does something with a front end; it may be begun more than once. */
    LentFront.Said run(Work work) {
        for (int attempt = 1; ; attempt++) {
            var job = new Job(work, new CompletableFuture<>());
            submit(job);
            try {
                return job.said.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ConversationLost && attempt <= MOST) {
                    continue; // that child was killed; it can be done again
                }
                throw new Failure.Unavailable("run rung-oci for the engine: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure.Unavailable("interrupted", e);
            }
        }
    }

    private synchronized void submit(Job job) {
        jobs.add(job);
        if (jobs.size() > idle && serving.size() < MOST) {
            try {
                start();
            } catch (Failure e) {
                if (serving.isEmpty()) {
                    jobs.remove(job);
                    throw e; // nobody else will do it
                }
            }
        }
    }

    private void start() {
        try {
            List<Fd> pair = Sockets.pair();
            int pid;
            try (Fd theirs = pair.getLast()) {
                pid = Processes.spawn(executor, List.of(NAME), List.of(), theirs);
            }
            var hand = new HandOver(this::serve, executor);
            serving.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name("worker")
                            .start(() -> converse(hand, pair.getFirst(), pid)));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("start the engine's own front end", e);
        }
    }

    private void converse(HandOver hand, Fd socket, int pid) {
        hand.serve(socket);
        synchronized (this) {
            serving.remove(Thread.currentThread());
            if (serving.isEmpty() && !jobs.isEmpty()) {
                start(); // somebody came while the last one went
            }
        }
        try {
            Processes.await(pid);
        } catch (ErrnoException _) {
            // somebody else has waited for it
        }
    }

    private Ending serve(Caller caller) {
        while (true) {
            Job job;
            try {
                job = next();
            } catch (InterruptedException _) {
                return new Ending.Exit(0);
            }
            if (job == null) {
                return new Ending.Exit(0);
            }
            try {
                job.said.complete(job.work.with(caller));
            } catch (ConversationLost e) {
                job.said.completeExceptionally(e);
                throw e;
            } catch (RuntimeException | Error e) {
                job.said.completeExceptionally(e);
            }
        }
    }

    /** Null when this child is one too many. */
    private @Nullable Job next() throws InterruptedException {
        synchronized (this) {
            idle++;
        }
        try {
            Job job = jobs.poll(REST.toMillis(), TimeUnit.MILLISECONDS);
            if (job == null && isOneTooMany()) {
                return null;
            }
            return job == null ? jobs.take() : job;
        } finally {
            synchronized (this) {
                idle--;
            }
        }
    }

    /** It leaves then; not with a job that was given because this one was counted on. */
    private synchronized boolean isOneTooMany() {
        return jobs.isEmpty() && serving.size() > 1 && serving.remove(Thread.currentThread());
    }

    @Override
    public synchronized void close() {
        serving.forEach(Thread::interrupt);
    }
}
