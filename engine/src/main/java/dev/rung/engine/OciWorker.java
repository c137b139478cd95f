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

    /** A verb that waits to be run. */
    private record Job(List<String> arguments, CompletableFuture<LentFront.Said> said) {}

    /** The process, and what it is to do. */
    private record Child(int pid, LinkedBlockingQueue<Job> jobs, Thread serving) {}

    /**
     * Runs a verb of rung-oci to its end.
     *
     * @param arguments behind the name of the program
     */
    LentFront.Said run(List<String> arguments) {
        var words = new ArrayList<String>();
        words.add("rung-oci");
        words.addAll(arguments);
        for (int attempt = 1; ; attempt++) {
            var job = new Job(List.copyOf(words), new CompletableFuture<>());
            child().jobs.add(job);
            try {
                return job.said.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ConversationLost && attempt == 1) {
                    continue; // it was killed; verbs can be said twice
                }
                throw new Failure.Unavailable("run rung-oci for the engine: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure.Unavailable("interrupted", e);
            }
        }
    }

    private synchronized Child child() {
        Child known = child;
        if (known != null && known.serving.isAlive()) {
            return known;
        }
        try {
            List<Fd> pair = Sockets.pair();
            int pid;
            try (Fd theirs = pair.getLast()) {
                pid = Processes.spawn(executor, List.of(NAME), List.of(), theirs);
            }
            var jobs = new LinkedBlockingQueue<Job>();
            var hand = new HandOver(caller -> serve(caller, jobs), executor);
            Thread serving =
                    Thread.ofPlatform()
                            .daemon()
                            .name("worker")
                            .start(() -> converse(hand, pair.getFirst(), jobs, pid));
            child = new Child(pid, jobs, serving);
            return child;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("start the engine's own front end", e);
        }
    }

    private static void converse(HandOver hand, Fd socket, LinkedBlockingQueue<Job> jobs, int pid) {
        hand.serve(socket);
        for (Job job : jobs) {
            job.said.completeExceptionally(new Failure.Unavailable("the worker ended", null));
        }
        try {
            Processes.await(pid);
        } catch (ErrnoException _) {
            // somebody else has waited for it
        }
    }

    private Ending serve(Caller caller, LinkedBlockingQueue<Job> jobs) {
        while (true) {
            Job job;
            try {
                job = jobs.take();
            } catch (InterruptedException _) {
                return new Ending.Exit(0);
            }
            try {
                job.said.complete(verbs.run(caller, job.arguments));
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
        if (child != null) {
            child.serving.interrupt();
        }
    }
}
