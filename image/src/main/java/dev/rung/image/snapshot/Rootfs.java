package dev.rung.image.snapshot;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Mounts;
import dev.rung.linux.Mounts.Option;
import dev.rung.linux.Paths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The root file system of one container. */
public sealed interface Rootfs {
    /** A folder that is used as it is. */
    record Copy(Path folder) implements Rootfs {}

    /**
     * An overlay that is still to be mounted.
     *
     * @param lowers the layers' folders, the uppermost first; at least one
     * @param upper what the container writes
     * @param work a folder of the kernel's own beside it
     * @param userAttributes whether the mount is made without the rights of root (userxattr)
     */
    record Overlay(List<Path> lowers, Path upper, Path work, boolean userAttributes)
            implements Rootfs {
        public Overlay {
            lowers = List.copyOf(lowers);
        }

        /**
         * The options of a mount of type overlay (kernel: Documentation/filesystems/overlayfs.rst),
         * one lower folder an option (Linux 6.7). Renaming a folder of the image copies it, and a
         * change of owner copies a file, so that the upper folder can be read without the kernel.
         */
        public List<Option> options() {
            return options(
                    lowers.stream().map(Path::toString).toList(),
                    upper.toString(),
                    work.toString());
        }

        private List<Option> options(List<String> below, String top, String aside) {
            var options = new ArrayList<Option>();
            for (String lower : below) {
                options.add(new Option("lowerdir+", lower));
            }
            options.add(new Option("upperdir", top));
            options.add(new Option("workdir", aside));
            if (userAttributes) {
                options.add(new Option("userxattr", ""));
            } else {
                options.add(new Option("redirect_dir", "nofollow"));
                options.add(new Option("metacopy", "off"));
            }
            options.add(new Option("index", "off"));
            return options;
        }

        /**
         * A mount that is attached nowhere yet; the caller closes or attaches it. Needs Linux 6.7,
         * and the rights to mount. HostRefused with what the kernel says.
         */
        public Fd mount() {
            try {
                return Mounts.make("overlay", options(), 0);
            } catch (ErrnoException e) {
                throw new Failure.HostRefused("mount a root file system: " + e.getMessage(), e);
            }
        }

        /**
         * Mounts it with the owners that a user namespace maps the layers' to, so that none of them
         * is changed.
         */
        public void mountOn(Path target, Fd userNamespace) {
            var mapped = new ArrayList<Fd>();
            try {
                var below = new ArrayList<String>();
                for (Path lower : lowers) {
                    below.add(mapped(lower, userNamespace, mapped));
                }
                Path both = upper.resolveSibling("");
                String top = mapped(both, userNamespace, mapped);
                List<Option> options =
                        options(
                                below,
                                top + "/" + upper.getFileName(),
                                top + "/" + work.getFileName());
                attach(Mounts.make("overlay", options, 0), target);
            } catch (ErrnoException e) {
                throw new Failure.HostRefused(
                        "mount an id-mapped root file system: " + e.getMessage(), e);
            } finally {
                mapped.forEach(Fd::close);
            }
        }

        /** A path of ours that shows the folder so; the mount's descriptor is added to those. */
        private static String mapped(Path folder, Fd userNamespace, List<Fd> mapped)
                throws ErrnoException {
            try (Fd open = SnapshotStore.open(folder)) {
                Fd copy = Mounts.copy(open);
                mapped.add(copy);
                Mounts.mapIds(copy, userNamespace, false);
                return "/proc/self/fd/" + copy.number();
            }
        }

        private static void attach(Fd made, Path target) throws ErrnoException {
            KernelPath path = KernelPath.of(target.toString());
            try (made;
                    Fd folder = Paths.open(null, path, Paths.O_DIRECTORY, 0, 0)) {
                Mounts.attach(made, folder);
            }
        }

        /** Mounts it on a folder that is there, in this process's mount namespace. */
        public void mountOn(Path target) {
            KernelPath path = KernelPath.of(target.toString());
            try (Fd mount = mount();
                    Fd folder = Paths.open(null, path, Paths.O_DIRECTORY, 0, 0)) {
                Mounts.attach(mount, folder);
            } catch (ErrnoException e) {
                throw new Failure.HostRefused("mount a root file system: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Takes a mount away from the folder, without waiting for who still uses it; or does nothing.
     */
    static void unmount(Path target) {
        try {
            Mounts.detach(KernelPath.of(target.toString()));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
                throw new Failure.HostRefused("unmount a root file system: " + e.getMessage(), e);
            }
        }
    }
}
