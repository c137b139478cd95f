package dev.rung.host.compile;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.criu.CriuImages;
import dev.rung.host.criu.CriuImages.Namespaces;
import dev.rung.host.criu.CriuImages.Rights;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.Capabilities;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Whether images that somebody else may have made give no process a right that a container of the
 * config could not come to by itself. criu would give what the images say, with the rights of root.
 */
public final class RestoredRights {
    private final RuntimeConfig config;
    private final ContainerProcess process;
    private final Capabilities capabilities;

    private RestoredRights(RuntimeConfig config) {
        this.config = config;
        process = config.process();
        Capabilities given = process.capabilities();
        capabilities =
                given == null
                        ? new Capabilities(List.of(), List.of(), List.of(), List.of(), List.of())
                        : given;
    }

    /**
     * Denied, with the image that asks for more and what that is.
     *
     * @param there whether the host has something at a path below /proc or /sys
     */
    public static void check(RuntimeConfig config, CriuImages images, Predicate<String> there) {
        var rights = new RestoredRights(config);
        for (Namespaces each : images.namespaces()) {
            rights.check(each, images.outside());
        }
        for (CriuImages.Task thread : images.threads()) {
            if (thread.rights() != null) {
                rights.check(thread.image(), thread.rights());
            }
        }
        if ((mask(rights.capabilities.bounding()) & Capability.bit(Capability.SYS_ADMIN)) == 0) {
            // else it may mount by itself, cgroups among the rest
            new RestoredMounts(config, there).check(images.mounts());
            RestoredCgroups.check(images.cgroups());
        }
    }

    private static long mask(List<String> names) {
        return Capability.mask(names, Capability.KNOWN - 1, new ArrayList<>());
    }

    static Failure denied(String image, String has) {
        return new Failure.Denied(
                "the checkpoint's "
                        + Printable.of(image)
                        + " has "
                        + has
                        + ", which this container is not to have");
    }

    /** What the config isolates may not be what criu itself is in. */
    private void check(Namespaces inside, Namespaces outside) {
        check(inside.image(), NamespaceType.PID, inside.pid(), outside.pid());
        check(inside.image(), NamespaceType.NETWORK, inside.network(), outside.network());
        check(inside.image(), NamespaceType.IPC, inside.ipc(), outside.ipc());
        check(inside.image(), NamespaceType.UTS, inside.uts(), outside.uts());
        check(inside.image(), NamespaceType.MOUNT, inside.mount(), outside.mount());
        if (inside.user() != outside.user()) {
            throw denied(inside.image(), "a user namespace");
        }
    }

    private void check(String image, NamespaceType type, long inside, long outside) {
        if (config.linux().has(type) && inside == outside) {
            throw denied(image, "the host's " + type + " namespace");
        }
    }

    private void check(String image, Rights rights) {
        long all =
                rights.inheritable()
                        | rights.permitted()
                        | rights.effective()
                        | rights.bounding()
                        | rights.ambient();
        more(image, all & ~mask(capabilities.bounding()));
        if (process.noNewPrivileges() && !rights.noNewPrivileges()) {
            throw denied(image, "ways to more privileges (no_new_privs is not set)");
        } else if (config.linux().seccomp() != null && !rights.filtered()) {
            throw denied(image, "system calls without a seccomp filter");
        } else if (process.noNewPrivileges() && process.user().uid() != 0) {
            stays(image, rights);
        }
    }

    private static void more(String image, long capabilities) {
        if (capabilities != 0) {
            List<String> names = Capability.names(capabilities);
            throw denied(image, names.isEmpty() ? "unknown capabilities" : names.getFirst());
        }
    }

    /** Who is not root and gains nothing by execve(2) remains who it was. */
    private void stays(String image, Rights rights) {
        more(
                image,
                (rights.permitted() | rights.effective() | rights.ambient())
                        & ~mask(capabilities.ambient()));
        if (!capabilities.ambient().isEmpty()) {
            return; // with which it may become another
        }
        ContainerProcess.User user = process.user();
        for (long uid : rights.users()) {
            if (uid != user.uid()) {
                throw denied(image, "user " + uid);
            }
        }
        var groups = new ArrayList<>(rights.groups());
        groups.addAll(rights.additional());
        for (long gid : groups) {
            if (gid != user.gid() && !user.additionalGids().contains(gid)) {
                throw denied(image, "group " + gid);
            }
        }
    }
}
