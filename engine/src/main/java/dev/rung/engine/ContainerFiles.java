package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.Change;
import dev.rung.image.layer.LayerDiff;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What containers have in their root file systems, without what is mounted into them. */
public final class ContainerFiles {
    /** What is made in each root file system to mount something on, as relative paths. */
    public static final Set<KernelPath> MARKS =
            Set.of(
                    KernelPath.of("dev"),
                    KernelPath.of("proc"),
                    KernelPath.of("sys"),
                    KernelPath.of("etc/hostname"),
                    KernelPath.of("etc/hosts"),
                    KernelPath.of("etc/resolv.conf"));

    private final Containers containers;
    private final ContainerRoots roots;
    private final SnapshotStore snapshots;

    public ContainerFiles(Containers containers, ContainerRoots roots, SnapshotStore snapshots) {
        this.containers = containers;
        this.roots = roots;
        this.snapshots = snapshots;
    }

    /** Writes all files as a tar archive. One that does not run cannot be started meanwhile. */
    public void export(String name, OutputStream out) throws IOException {
        Container container = containers.find(name);
        container.lock.lock();
        try (Fd mount = mountOf(container)) {
            if (mount == null) {
                snapshots.writeAll(container.id().value(), out);
                return;
            }
            container.lock.unlock(); // the mount stays as long as it is open
            try {
                LayerDiff.writeAll(mount, out);
            } finally {
                container.lock.lock();
            }
        } finally {
            container.lock.unlock();
        }
    }

    /** The root of one that runs: what it shows can change under our eyes, and is read so. */
    private @Nullable Fd mountOf(Container container) {
        if (!container.phase().runs() || container.rootOutside() != 0) {
            return null;
        }
        Path root = roots.mount(container.id());
        try {
            return Paths.open(null, KernelPath.of(root.toString()), Paths.O_DIRECTORY, 0, 0);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open a root file system: " + e.getMessage(), e);
        }
    }

    /** What it changed of its image's files, by path. */
    public List<Change> changes(String name) {
        String key = containers.find(name).id().value();
        return snapshots.changes(key, MARKS);
    }
}
