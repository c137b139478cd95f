package dev.rung.linux;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Work with files as another user (setfsuid(2)), as id-mapped mounts want it: there root of the
 * host is nobody who could make a file. It is the thread's own matter: a platform thread is what it
 * was before when this returns, and for a virtual one, which has no identity, another one does it.
 */
public final class FileIdentity {
    private static final int VERSION_3 = 0x20080522; // of the structures of capset(2)
    private static final int HEADER_BYTES = 8;
    private static final int SET_BYTES = 12;

    private FileIdentity() {}

    /** What is done so. */
    @FunctionalInterface
    public interface Job<E extends Exception> {
        void run() throws E;
    }

    /** Does the job as that user and group, with all rights that this process has. */
    public static <E extends Exception> void as(int id, Job<E> job) throws ErrnoException, E {
        if (Thread.currentThread().isVirtual()) {
            elsewhere(id, job);
        } else {
            here(id, job);
        }
    }

    private static <E extends Exception> void here(int id, Job<E> job) throws ErrnoException, E {
        int uid = take(id, id);
        try {
            job.run();
        } finally {
            take(uid, uid);
        }
    }

    /** Waits to the end of it, whoever wants to interrupt this thread meanwhile. */
    private static <E extends Exception> void elsewhere(int id, Job<E> job)
            throws ErrnoException, E {
        var thrown = new AtomicReference<@Nullable Throwable>();
        Thread thread =
                Thread.ofPlatform()
                        .name("files as " + id)
                        .start(() -> {
                            try {
                                here(id, job);
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                        });
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (thrown.get()) {
            case null -> {}
            case ErrnoException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw FileIdentity.<E>ofJob(e);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // a job throws nothing else
    private static <E extends Exception> E ofJob(Throwable thrown) {
        return (E) thrown;
    }

    /**
     * A change from root takes rights over files away: they are taken up again. Returns the user
     * before.
     */
    private static int take(int uid, int gid) throws ErrnoException {
        try (var memory = new Memory(HEADER_BYTES + 2 * SET_BYTES)) {
            var bytes = memory.bytes();
            bytes.putInt(0, VERSION_3);
            long header = memory.at(0);
            long sets = memory.at(HEADER_BYTES);
            Calls.SETFSGID.call(memory, "", gid);
            int before = Calls.SETFSUID.call(memory, "", uid);
            Calls.CAPGET.call(memory, "", header, sets);
            for (int set = 0; set < 2; set++) {
                int at = HEADER_BYTES + set * SET_BYTES;
                bytes.putInt(at, bytes.getInt(at + 4)); // effective as permitted
            }
            Calls.CAPSET.call(memory, "", header, sets);
            return before;
        }
    }

    private static final class Calls {
        static final Function SETFSUID = new Function("setfsuid");
        static final Function SETFSGID = new Function("setfsgid");
        static final Function CAPGET = new Function("capget");
        static final Function CAPSET = new Function("capset");
    }
}
