package dev.rung.network;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Mounts;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The network namespace in which bridges, packet rules and addresses are. For root it is the
 * machine's own. Without root there is one of the user's own, held by a mount, from which a {@link
 * WayOut} leads to the machine's; published ports are the machine's all the same, because this
 * process stays there.
 */
public final class Ground {
    /** That of this process. */
    public static final Ground MACHINE = new Ground(null, null);

    private static final long MS_BIND = 0x1000;
    private static final KernelPath NONE = KernelPath.of("");

    private final @Nullable Fd namespace;
    private final @Nullable WayOut wayOut;

    private Ground(@Nullable Fd namespace, @Nullable WayOut wayOut) {
        this.namespace = namespace;
        this.wayOut = wayOut;
    }

    /**
     * A user's own, made unless an earlier engine has made it.
     *
     * @param running the folder of the mount that holds it
     * @param sockets the folder with the socket of who holds the engine's namespaces
     */
    public static Ground ofUser(Path running, Path sockets) {
        Path place = running.resolve("network");
        try {
            if (!Files.exists(place)) {
                Files.createFile(place);
            }
            KernelPath path = KernelPath.of(place.toString());
            Fd namespace = opened(path);
            if (namespace == null) {
                try (Fd made = NetworkNamespaces.make()) {
                    KernelPath source = KernelPath.of("/proc/self/fd/" + made.number());
                    Mounts.mount(source, path, NONE, MS_BIND, NONE);
                }
                namespace = Paths.open(null, path, Paths.O_RDONLY, 0, 0);
            }
            return new Ground(namespace, new WayOut(place, sockets.resolve("holder.sock")));
        } catch (ErrnoException | IOException e) {
            throw new Failure.HostRefused(
                    "make a network namespace for the engine: " + e.getMessage(), e);
        }
    }

    /** Null while the file there is only a file. */
    private static @Nullable Fd opened(KernelPath path) throws ErrnoException {
        Fd file = Paths.open(null, path, Paths.O_RDONLY, 0, 0);
        try {
            NetworkNamespaces.<Boolean, ErrnoException>in(file, () -> true);
            return file;
        } catch (ErrnoException e) {
            file.close();
            if (e.errno() == Errno.EINVAL) {
                return null;
            }
            throw e;
        }
    }

    /** Whether it is the network of the machine itself. */
    public boolean isMachines() {
        return namespace == null;
    }

    /** Who can be asked for names from in there; null: whoever the machine asks. */
    public @Nullable InetAddress nameServer() {
        return wayOut == null ? null : wayOut.nameServer();
    }

    /** Sees to it that what is in there gets out. Unavailable where nothing is there for that. */
    void open() {
        if (wayOut != null) {
            wayOut.open(this);
        }
    }

    /** Does a short job in there, as {@link NetworkNamespaces} says. */
    <R, E extends Exception> R in(NetworkNamespaces.Job<R, E> job) throws ErrnoException, E {
        return namespace == null ? job.run() : NetworkNamespaces.<R, E>in(namespace, job);
    }

    /** Sets settings of its kernel. */
    void settle(Runnable settings) {
        try {
            this.<Boolean, ErrnoException>in(() -> {
                settings.run();
                return true;
            });
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("enter the engine's network: " + e.getMessage(), e);
        }
    }

    /** A socket for links and routes. */
    NetlinkSocket route() throws ErrnoException {
        return this.<NetlinkSocket, ErrnoException>in(NetlinkSocket::route);
    }
}
