package dev.rung.engine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Mounts;
import dev.rung.linux.Paths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * All files of a container, with those that are mounted into it. Whatever its links say, no path
 * leads out of it; nothing in it is executed or loaded. One that does not run cannot be started
 * until this is closed.
 */
final class ContainerTree implements FileSide, AutoCloseable {
    private static final int O_PATH = 0x200000;
    private static final int RESOLVE_NO_MAGICLINKS_IN_ROOT = 0x02 | 0x10;
    private static final int FOLDER_MODE = 0755;

    private final String name;
    private final Fd root;
    private final int shift;
    private final Runnable closing;

    private ContainerTree(Container container, Fd root, int shift, Runnable closing) {
        this.shift = shift;
        this.name = container.record().name().value();
        this.root = root;
        this.closing = closing;
    }

    static ContainerTree open(Container container, ContainerRoots roots, RunMounts mounts) {
        container.lock.lock();
        boolean done = false;
        try {
            if (container.phase().runs()) {
                return running(container);
            } else if (container.phase() == Phase.REMOVING) {
                throw new Failure.WrongState("container is marked for removal");
            }
            ContainerTree tree = stopped(container, roots, mounts);
            done = true; // the lock is given back when it is closed
            return tree;
        } finally {
            if (!done) {
                container.lock.unlock();
            }
        }
    }

    /** As its processes see it. */
    private static ContainerTree running(Container container) {
        var running = container.running();
        if (running == null) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        KernelPath path = KernelPath.of("/proc/" + running.process().pid() + "/root");
        try {
            Fd root = Paths.open(null, path, Paths.O_DIRECTORY, 0, 0);
            if (!running.process().isAlive()) { // the number may be another's by now
                root.close();
                throw new Failure.WrongState("container " + container.id() + " has ended");
            }
            return new ContainerTree(container, root, container.rootOutside(), () -> {});
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open the container's root: " + e.getMessage(), e);
        }
    }

    /** The lock is held until it is closed. */
    private static ContainerTree stopped(
            Container container, ContainerRoots roots, RunMounts mounts) {
        Runnable closing =
                () -> {
                    roots.unmount(container.id());
                    mounts.remove(container.record());
                };
        Path folder = roots.mount(container.id());
        boolean done = false;
        try {
            KernelPath path = KernelPath.of(folder.toString());
            Fd root = Paths.open(null, path, Paths.O_DIRECTORY, 0, 0);
            var tree =
                    new ContainerTree(
                            container,
                            root,
                            0,
                            () -> {
                                closing.run();
                                container.lock.unlock();
                            });
            tree.mount(container, mounts.make(container.record()), path);
            done = true;
            return tree;
        } catch (ErrnoException e) {
            throw new Failure.HostRefused(
                    "show the files of container " + container.id() + ": " + e.getMessage(), e);
        } finally {
            if (!done) {
                closing.run();
            }
        }
    }

    private void mount(Container container, Map<String, Path> sources, KernelPath path)
            throws ErrnoException {
        List<MountPoint> points = new ArrayList<>(container.record().mounts());
        points.sort(Comparator.comparingInt(point -> point.destination().length()));
        for (MountPoint point : points) {
            Path source = sources.get(point.destination());
            if (source != null && !point.type().equals("tmpfs")) {
                mount(point, source);
            }
        }
        if (container.record().host().readonlyRootfs()) {
            try (Fd whole = Paths.open(null, path, O_PATH | Paths.O_DIRECTORY, 0, 0)) {
                Mounts.set(whole, Mounts.READ_ONLY);
            }
        }
    }

    private void mount(MountPoint point, Path source) throws ErrnoException {
        try (Fd shown = Paths.open(null, KernelPath.of(source.toString()), O_PATH, 0, 0);
                Fd copy = Mounts.copy(shown)) {
            boolean folder = Descriptors.status(shown).is(FileStatus.Type.DIRECTORY);
            if (folder) {
                makeFolders(point.destination());
            }
            try (Fd target = open(KernelPath.of(point.destination()), O_PATH)) {
                if (!point.writable()) {
                    Mounts.set(copy, Mounts.READ_ONLY);
                }
                Mounts.attach(copy, target);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) { // what is not there cannot be copied either
                throw e;
            }
        }
    }

    /** As the runtime makes them at a start. */
    private void makeFolders(String path) throws ErrnoException {
        try (var calls = new FileCalls()) {
            String whole = "";
            for (String part : path.substring(1).split("/")) {
                try (Fd parent = open(KernelPath.of(whole + "/"), Paths.O_DIRECTORY)) {
                    calls.makeFolder(parent, KernelPath.of(part), FOLDER_MODE);
                    try (Fd made = calls.openFolder(parent, KernelPath.of(part))) {
                        calls.changeMode(made, FOLDER_MODE);
                    }
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EEXIST) {
                        throw e;
                    }
                }
                whole = whole + "/" + part;
            }
        }
    }

    /** How much greater the numbers of owners are here than in the container. */
    int shift() {
        return shift;
    }

    @Override
    public Fd open(KernelPath path, int flags) throws ErrnoException {
        return Paths.open(root, path, flags, 0, RESOLVE_NO_MAGICLINKS_IN_ROOT);
    }

    @Override
    public String missing(KernelPath path) {
        return "Could not find the file " + path + " in container " + name;
    }

    @Override
    public void close() {
        root.close();
        closing.run();
    }
}
