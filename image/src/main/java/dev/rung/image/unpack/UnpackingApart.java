package dev.rung.image.unpack;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks in a process of its own ({@link UnpackerMain}), started with the first layer, that can
 * reach nothing but the folders that it is given.
 */
public final class UnpackingApart implements Unpacking {
    private static final KernelPath NAME = KernelPath.of("rung-unpacker");

    private final Fd executor;
    private final List<KernelPath> arguments;
    private @Nullable Child child; // guarded by this

    private record Child(int pid, UnpackerLink link) {}

    /**
     * @param executor rung-oci's binary, lent
     * @param installation where lib lies, with the jars and how their JVM is started
     */
    public UnpackingApart(Fd executor, Path installation) {
        this.executor = executor;
        arguments = UnpackerOutlook.arguments(NAME, installation);
    }

    @Override
    public Unpacked unpack(ReadableByteChannel packed, Fd folder, Order order) throws IOException {
        try {
            return started().unpack(packed, folder, order);
        } finally {
            if (Thread.currentThread().isInterrupted()) {
                close(); // nobody waits for it any more
            }
        }
    }

    private synchronized UnpackerLink started() {
        Child running = child;
        if (running == null) {
            running = start();
            child = running;
        }
        return running.link();
    }

    private Child start() {
        try {
            List<Fd> pair = Sockets.pair();
            try (Fd theirs = pair.getLast()) {
                int pid = Processes.spawn(executor, arguments, List.of(), theirs);
                return new Child(pid, new UnpackerLink(pair.getFirst()));
            } catch (ErrnoException e) {
                pair.getFirst().close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("start a process that unpacks layers", e);
        }
    }

    /** Ends the process and waits for its end. */
    @Override
    public synchronized void close() {
        Child old = child;
        child = null;
        if (old == null) {
            return;
        }
        old.link().socket().close();
        try {
            Processes.await(old.pid());
        } catch (ErrnoException e) {
            // somebody else has waited for it
        }
    }
}
