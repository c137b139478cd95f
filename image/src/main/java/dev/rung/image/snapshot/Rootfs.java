package dev.rung.image.snapshot;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Mounts;
import dev.rung.linux.Mounts.Option;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
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
        /** What mount(2) takes of options, but for the NUL. */
        private static final int MOST_DATA = 4095;

        public Overlay {
            lowers = List.copyOf(lowers);
        }

        /**
         * The options of a mount of type overlay (kernel: Documentation/filesystems/overlayfs.rst),
         * but for the folders below. Renaming a folder of the image copies it, and a change of
         * owner copies a file, so that the upper folder can be read without the kernel.
         */
        private List<Option> options(String top, String aside) {
            var options = new ArrayList<Option>();
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

        /** With one lower folder an option, of any length and number: Linux 6.7. */
        private Fd make(List<String> below, String top, String aside) throws ErrnoException {
            var options = new ArrayList<Option>();
            for (String lower : below) {
                options.add(new Option("lowerdir+", lower));
            }
            options.addAll(options(top, aside));
            return Mounts.make("overlay", options, 0);
        }

        /**
         * With all of them in one option, as older kernels want it; names of ours, without colons.
         */
        private void mountByName(List<String> below, String top, String aside, Path target)
                throws ErrnoException {
            var data = new StringBuilder("lowerdir=").append(String.join(":", below));
            for (Option option : options(top, aside)) {
                data.append(',').append(option.name());
                if (!option.value().isEmpty()) {
                    data.append('=').append(option.value());
                }
            }
            if (data.length() > MOST_DATA) {
                throw new Failure.Unsupported(
                        below.size()
                                + " layers are too many for this kernel: Linux 6.7 takes them");
            }
            KernelPath type = KernelPath.of("overlay");
            KernelPath path = KernelPath.of(target.toString());
            Mounts.mount(type, path, type, 0, KernelPath.of(data.toString()));
        }

        /**
         * A mount that is attached nowhere yet; the caller closes or attaches it. Needs the rights
         * to mount. HostRefused with what the kernel says.
         */
        public Fd mount() {
            try {
                return make(
                        lowers.stream().map(Path::toString).toList(),
                        upper.toString(),
                        work.toString());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw refused("mount a root file system", e);
                }
                return mountAside();
            }
        }

        /**
         * Where the kernel makes none that is attached nowhere: made in a folder, and taken out.
         */
        private Fd mountAside() {
            Path folder = upper.resolveSibling("mount");
            try {
                Files.createDirectories(folder);
                mountByName(folder);
                try (Fd shown = SnapshotStore.open(folder)) {
                    return Mounts.copy(shown);
                } finally {
                    Mounts.detach(KernelPath.of(folder.toString()));
                    Files.deleteIfExists(folder);
                }
            } catch (IOException e) {
                throw SnapshotStore.failure("make \"" + folder + "\"", e);
            } catch (ErrnoException e) {
                throw refused("mount a root file system", e);
            }
        }

        /**
         * Mounts it on a folder as kernels before Linux 6.7 take it, which those after do, too; the
         * others do so there by themselves. HostRefused with what the kernel says, Unsupported for
         * more layers than fit into its one option: some 200.
         */
        public void mountByName(Path target) {
            // by descriptors, which are short and hold neither commas nor colons
            var open = new ArrayList<Fd>();
            try {
                var below = new ArrayList<String>();
                for (Path lower : lowers) {
                    below.add(shown(SnapshotStore.open(lower), open));
                }
                String both = shown(SnapshotStore.open(upper.resolveSibling("")), open);
                mountByName(
                        below,
                        both + "/" + upper.getFileName(),
                        both + "/" + work.getFileName(),
                        target);
            } catch (ErrnoException e) {
                throw refused("mount a root file system", e);
            } finally {
                open.forEach(Fd::close);
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
                String both = mapped(upper.resolveSibling(""), userNamespace, mapped);
                String top = both + "/" + upper.getFileName();
                String aside = both + "/" + work.getFileName();
                try {
                    attach(make(below, top, aside), target);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EINVAL) {
                        throw e;
                    }
                    mountByName(below, top, aside, target);
                }
            } catch (ErrnoException e) {
                throw refused("mount an id-mapped root file system", e);
            } finally {
                mapped.forEach(Fd::close);
            }
        }

        private static Failure refused(String what, ErrnoException e) {
            return new Failure.HostRefused(what + ": " + e.getMessage(), e);
        }

        private static String shown(Fd folder, List<Fd> open) {
            open.add(folder);
            return "/proc/self/fd/" + folder.number();
        }

        /** A path of ours that shows the folder so; the mount's descriptor is added to those. */
        private static String mapped(Path folder, Fd userNamespace, List<Fd> mapped)
                throws ErrnoException {
            try (Fd open = SnapshotStore.open(folder)) {
                Fd copy = Mounts.copy(open);
                String path = shown(copy, mapped);
                Mounts.mapIds(copy, userNamespace, false);
                return path;
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
                throw refused("mount a root file system", e);
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
