package dev.rung.network.cni;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.linux.Paths;
import org.jspecify.annotations.Nullable;

/** The network namespace of a container, by its path. */
final class Sandbox {
    private Sandbox() {}

    /** Opened; closing it is up to the caller. */
    static Fd open(String namespace) throws PluginError {
        if (namespace.isEmpty()) {
            throw new PluginError(
                    PluginError.INVALID_ENVIRONMENT,
                    "required env variables [CNI_NETNS] missing",
                    "");
        }
        try {
            return Paths.open(null, KernelPath.of(namespace), Paths.O_RDONLY, 0, 0);
        } catch (ErrnoException e) {
            throw new PluginError(
                    PluginError.INVALID_NAMESPACE,
                    "failed to open netns \"%s\"".formatted(namespace),
                    e.getMessage());
        }
    }

    /** Null when there is none (any more). */
    static @Nullable Fd openIfThere(String namespace) throws PluginError {
        if (namespace.isEmpty()) {
            return null;
        }
        try {
            return Paths.open(null, KernelPath.of(namespace), Paths.O_RDONLY, 0, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw PluginError.of("failed to open netns", e);
        }
    }

    /** A socket that speaks for the namespace. */
    static NetlinkSocket enter(String namespace) throws PluginError {
        try (Fd opened = open(namespace)) {
            return enter(opened);
        }
    }

    static @Nullable NetlinkSocket enterIfThere(String namespace) throws PluginError {
        try (Fd opened = openIfThere(namespace)) {
            return opened == null ? null : inside(opened);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL) {
                return null; // the file is left, but nothing is mounted there any more
            }
            throw PluginError.of("failed to enter netns", e);
        }
    }

    private static NetlinkSocket inside(Fd namespace) throws ErrnoException {
        return NetworkNamespaces.<NetlinkSocket, ErrnoException>in(namespace, NetlinkSocket::route);
    }

    static NetlinkSocket enter(Fd namespace) throws PluginError {
        try {
            return inside(namespace);
        } catch (ErrnoException e) {
            throw PluginError.of("failed to enter netns", e);
        }
    }
}
