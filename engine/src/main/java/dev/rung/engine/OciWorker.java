package dev.rung.engine;

import dev.rung.cli.oci.CommandLine;
import dev.rung.cli.oci.LentFront;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import dev.rung.resident.Caller;
import dev.rung.resident.ConversationLost;
import dev.rung.resident.Ending;
import dev.rung.resident.HandOver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A front end of the engine itself: a small child that executes the programs of the host runtime's
 * verbs, one after another, for a container that no client is waiting for. It is started with the
 * first verb, and anew when it was killed.
 */
final class OciWorker implements AutoCloseable {
    private static final KernelPath NAME = KernelPath.of("rung-worker");

    private final Fd executor;
    private final LentFront verbs;
    private @Nullable Child child;

    /** The executor is a sealed file in memory; it is lent. */
    OciWorker(Fd executor, CommandLine commands) {
        this.executor = executor;
        this.verbs = new LentFront(commands);
    }

    /** What the front end is to do. */
    interface Work {
        LentFront.Said with(Caller front);
    }

    /** Work that waits to be done. */
    private record Job(Work work, CompletableFuture<LentFront.@Nullable Said> said) {}

    /** The process, and what it is to do; once ended it takes nothing more. */
    private static final class Child {
        final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
        private @Nullable Thread serving;
        private boolean ended;
    }

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

    /** Does something with the front end; it may be begun twice. */
    LentFront.Said run(Work work) {
        for (int attempt = 1; ; attempt++) {
            var job = new Job(work, new CompletableFuture<>());
            submit(job);
            try {
                LentFront.Said said = job.said.get();
                if (said != null) {
                    return said;
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ConversationLost && attempt == 1) {
                    continue; // it was killed; it can be done twice
                }
                throw new Failure.Unavailable("run rung-oci for the engine: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure.Unavailable("interrupted", e);
            }
        }
    }

    private synchronized void submit(Job job) {
        if (child == null || child.ended) {
            child = start();
        }
        child.jobs.add(job);
    }

    private Child start() {
        try {
            List<Fd> pair = Sockets.pair();
            int pid;
            try (Fd theirs = pair.getLast()) {
                pid = Processes.spawn(executor, List.of(NAME), List.of(), theirs);
            }
            var started = new Child();
            var hand = new HandOver(caller -> serve(caller, started.jobs), executor);
            started.serving =
                    Thread.ofPlatform()
                            .daemon()
                            .name("worker")
                            .start(() -> converse(hand, pair.getFirst(), started, pid));
            return started;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("start the engine's own front end", e);
        }
    }

    private void converse(HandOver hand, Fd socket, Child serves, int pid) {
        hand.serve(socket);
        synchronized (this) {
            serves.ended = true;
        }
        for (Job job : serves.jobs) {
            job.said.complete(null); // it was never begun
        }
        try {
            Processes.await(pid);
        } catch (ErrnoException _) {
            // somebody else has waited for it
        }
    }

    private static Ending serve(Caller caller, LinkedBlockingQueue<Job> jobs) {
        while (true) {
            Job job;
            try {
                job = jobs.take();
            } catch (InterruptedException _) {
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

    @Override
    public synchronized void close() {
        if (child != null && child.serving != null) {
            child.serving.interrupt();
        }
    }
}
