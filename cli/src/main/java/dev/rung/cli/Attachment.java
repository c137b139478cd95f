package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.Containers;
import dev.rung.engine.monitor.AttachSocket;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.Output;
import dev.rung.resident.Caller;
import dev.rung.resident.Caller.Detachment;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A front end that stands before a container's streams. */
final class Attachment {
    private static final byte CONTROL = 0x1f;
    private static final byte[] USUAL_KEYS = {0x10, 0x11}; // ctrl-p, ctrl-q

    private static final Set<Output> BOTH = Set.of(Output.STDOUT, Output.STDERR);

    private final Caller caller;
    private final Containers containers;
    private final String id;

    private boolean begun;

    Attachment(Invocation call, String id) {
        this.caller = call.caller();
        this.containers = call.services().containers();
        this.id = id;
    }

    /**
     * Attaches to a container that is created.
     *
     * @param keys that detach, empty for the usual ones
     */
    void begin(ContainerFolders folders, boolean input, boolean tty, boolean signals, String keys) {
        begin(folders, BOTH, input, tty, signals, keys);
    }

    /** The same for some of what it writes. */
    void begin(
            ContainerFolders folders,
            Set<Output> streams,
            boolean input,
            boolean tty,
            boolean signals,
            String keys) {
        try (AttachSocket socket = AttachSocket.open(folders, streams)) {
            byte[] detach = keys(keys);
            caller.attach(
                    socket.socket(),
                    new Caller.Attachment(input, tty, signals, tty ? detach : new byte[0]));
            begun = true;
        }
    }

    /**
     * After a start that failed, if it was attached by then: the front end says that it is no more,
     * which is to be heard before anything is said to it.
     */
    void abandon() {
        if (begun) {
            caller.awaitDetachment(_ -> {});
        }
    }

    /**
     * Waits for the end; the exit code, 0 when the person detached.
     *
     * @param code of the run
     */
    int await(CompletableFuture<Integer> code) {
        Detachment how =
                caller.awaitDetachment(signal -> {
                    try {
                        containers.kill(id, signal);
                    } catch (Failure e) {
                        // it has ended meanwhile
                    }
                });
        return how == Detachment.BY_KEYS ? 0 : code(code);
    }

    static int code(CompletableFuture<Integer> code) {
        try {
            return code.get();
        } catch (ExecutionException e) {
            throw new Failure.Unavailable("wait for the container", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /** Such as ctrl-p,ctrl-q or a,b; empty for the usual ones. */
    static byte[] keys(String text) {
        if (text.isEmpty()) {
            return USUAL_KEYS.clone();
        }
        String[] names = text.split(",");
        var keys = new byte[names.length];
        for (int i = 0; i < keys.length; i++) {
            String name = names[i];
            if (name.length() == 1) {
                keys[i] = (byte) name.charAt(0);
            } else if (name.length() == 6 && name.startsWith("ctrl-")) {
                keys[i] = (byte) (name.charAt(5) & CONTROL);
            } else {
                throw new UsageError("invalid detach keys: Unknown character: '" + name + "'");
            }
        }
        return keys;
    }
}
