package dev.rung.build;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.ContainerRoots;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.nio.file.Path;

/**
 * The files of an image between two steps, with a writable folder upon them; gone when it is
 * closed. An engine that is killed leaves nothing that the next one does not remove: its name is
 * that of a container without a record.
 */
final class StepRoot implements AutoCloseable {
    private final ContainerRoots roots;
    private final SnapshotStore snapshots;
    private final ContainerId id;

    private StepRoot(ContainerRoots roots, SnapshotStore snapshots, ContainerId id) {
        this.roots = roots;
        this.snapshots = snapshots;
        this.id = id;
    }

    static StepRoot make(
            ContainerRoots roots, SnapshotStore snapshots, ContainerId id, ImageState state) {
        roots.prepare(id, state.image());
        return new StepRoot(roots, snapshots, id);
    }

    /** Its name among the snapshots. */
    String key() {
        return id.value();
    }

    /** Opens it, mounted for nobody else; the caller closes it. */
    Fd open() {
        return switch (snapshots.find(key())) {
            case Rootfs.Overlay overlay -> overlay.mount();
            case Rootfs.Copy(Path folder) -> {
                try {
                    yield Paths.open(
                            null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0);
                } catch (ErrnoException e) {
                    throw new Failure.HostRefused("open an image: " + e.getMessage(), e);
                }
            }
        };
    }

    /** Mounts it for containers, until it is closed; where. */
    Path mount() {
        return roots.mount(id);
    }

    @Override
    public void close() {
        roots.unmount(id);
        roots.remove(id);
    }
}
