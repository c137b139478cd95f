package dev.rung.linux;

import dev.rung.domain.KernelPath;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work inside another network namespace (setns(2), unshare(2)). This is the one class of the
 * project in which a thread of Java changes namespaces: a fresh platform thread that enters, does
 * one job and ends, so that no other work can ever run in the wrong place. What the job opens
 * (sockets, files of /proc/sys/net) goes on to speak for that namespace, from any thread.
 */
public final class NetworkNamespaces {
    private static final int CLONE_NEWNET = 0x40000000;

    private NetworkNamespaces() {}

    /** What is done inside; it must not wait long, and keeps no thread of its own there. */
    @FunctionalInterface
    public interface Job<R, E extends Exception> {
        R run() throws E;
    }

    /** The network namespace of a process; ENOENT when there is no such process. */
    public static Fd of(long pid) throws ErrnoException {
        return Paths.open(null, KernelPath.of("/proc/" + pid + "/ns/net"), Paths.O_RDONLY, 0, 0);
    }

    /**
     * A new one, with nothing in it but a loopback link that is down. EPERM without CAP_SYS_ADMIN.
     */
    public static Fd make() throws ErrnoException {
        var made =
                new FutureTask<Fd>(() -> {
                    try (var memory = new Memory(0)) {
                        new Function("unshare").call(memory, "", CLONE_NEWNET);
                    }
                    KernelPath own = KernelPath.of("/proc/thread-self/ns/net");
                    return Paths.open(null, own, Paths.O_RDONLY, 0, 0);
                });
        Thread.ofPlatform().name("network-namespace").daemon().start(made);
        return NetworkNamespaces.<Fd, ErrnoException>result(made);
    }

    /**
     * Does the job inside the namespace and returns what it returns. ErrnoException when the
     * namespace cannot be entered: EPERM without CAP_SYS_ADMIN over it, EINVAL when the descriptor
     * is none of a network namespace. What the job throws comes out as it is.
     */
    public static <R, E extends Exception> R in(Fd namespace, Job<R, E> job)
            throws ErrnoException, E {
        var entered =
                new FutureTask<R>(() -> {
                    try (var memory = new Memory(0)) {
                        new Function("setns")
                                .call(memory, namespace, namespace.number(), CLONE_NEWNET);
                    }
                    return job.run();
                });
        Thread.ofPlatform().name("network-namespace").daemon().start(entered);
        return result(entered);
    }

    @SuppressWarnings("unchecked") // a job throws nothing else than what it declares
    private static <R, E extends Exception> R result(FutureTask<R> task) throws ErrnoException, E {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException _) {
                    interrupted = true; // the job is short, and its result must not get lost
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case ErrnoException failure -> throw failure;
                        case RuntimeException failure -> throw failure;
                        case Error failure -> throw failure;
                        case null -> throw new AssertionError(e);
                        default -> throw (E) e.getCause();
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
