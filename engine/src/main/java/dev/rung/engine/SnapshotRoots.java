package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.LayerSink;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Root file systems of snapshots: overlays mounted in the containers' running folders, or copies.
 */
public final class SnapshotRoots implements ContainerRoots {
    private final SnapshotStore snapshots;
    private final ContentStore content;
    private final EngineFolders folders;
    private final Set<ContainerId> mounted = ConcurrentHashMap.newKeySet();

    public SnapshotRoots(SnapshotStore snapshots, ContentStore content, EngineFolders folders) {
        this.snapshots = snapshots;
        this.content = content;
        this.folders = folders;
    }

    @Override
    public void prepare(ContainerId id, Image image) {
        var diffIds = image.config().diffIds();
        if (!diffIds.isEmpty() && !snapshots.contains(SnapshotStore.chain(diffIds).getLast())) {
            unpack(image);
        }
        snapshots.prepare(id.value(), diffIds);
    }

    /** Out of the content store, for an image whose layers were not unpacked as they came. */
    private void unpack(Image image) {
        try (LayerIntake intake = snapshots.intake(UnpackLimits.USUAL)) {
            for (LayerSink.Layer layer : image.layers()) {
                if (intake.wants(layer)) {
                    try (FileChannel packed = content.open(layer.descriptor().digest())) {
                        intake.take(layer, packed);
                    }
                }
            }
            intake.commit(image.config().diffIds());
        } catch (IOException e) {
            throw new Failure.HostRefused("unpack image " + image.id() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path mount(ContainerId id) {
        Rootfs root = snapshots.find(id.value());
        if (root instanceof Rootfs.Copy(Path folder)) {
            return folder;
        }
        Path target = target(id);
        if (!mounted.contains(id)) {
            try {
                Files.createDirectories(target);
            } catch (IOException e) {
                throw new Failure.HostRefused("make \"" + target + "\": " + e.getMessage(), e);
            }
            Rootfs.unmount(target); // of an engine before us, perhaps
            ((Rootfs.Overlay) root).mountOn(target);
            mounted.add(id);
        }
        return target;
    }

    private Path target(ContainerId id) {
        return folders.of(id).running().resolve("root");
    }

    @Override
    public void unmount(ContainerId id) {
        Rootfs.unmount(target(id));
        mounted.remove(id);
    }

    @Override
    public List<ContainerId> all() {
        var ids = new ArrayList<ContainerId>();
        for (String key : snapshots.containers()) {
            ids.add(new ContainerId(key));
        }
        return ids;
    }

    @Override
    public void remove(ContainerId id) {
        snapshots.remove(id.value());
    }
}
