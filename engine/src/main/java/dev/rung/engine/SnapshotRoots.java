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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Root file systems of snapshots: overlays mounted in the containers' running folders, or copies.
 */
public final class SnapshotRoots implements ContainerRoots {
    private static final char PART = '.';

    private final SnapshotStore snapshots;
    private final ContentStore content;
    private final EngineFolders folders;
    private final Set<String> mounted = ConcurrentHashMap.newKeySet();

    public SnapshotRoots(SnapshotStore snapshots, ContentStore content, EngineFolders folders) {
        this.snapshots = snapshots;
        this.content = content;
        this.folders = folders;
    }

    @Override
    public void prepare(ContainerId id, Image image) {
        prepare(id.value(), image);
    }

    @Override
    public boolean hasPart(ContainerId id, String part) {
        return snapshots.containers().contains(key(id, part));
    }

    @Override
    public void preparePart(ContainerId id, String part, Image image) {
        prepare(key(id, part), image);
    }

    /** No id has the character in it that stands between. */
    private static String key(ContainerId id, String part) {
        return id.value() + PART + part;
    }

    private void prepare(String key, Image image) {
        var diffIds = image.config().diffIds();
        if (!diffIds.isEmpty() && !snapshots.contains(SnapshotStore.chain(diffIds).getLast())) {
            unpack(image);
        }
        snapshots.prepare(key, diffIds);
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
        return mount(id.value(), target(id));
    }

    @Override
    public Path mountPart(ContainerId id, String part) {
        return mount(key(id, part), partTarget(id, part));
    }

    private Path mount(String key, Path target) {
        Rootfs root = snapshots.find(key);
        if (root instanceof Rootfs.Copy(Path folder)) {
            return folder;
        }
        if (!mounted.contains(key)) {
            try {
                Files.createDirectories(target);
            } catch (IOException e) {
                throw new Failure.HostRefused("make \"" + target + "\": " + e.getMessage(), e);
            }
            Rootfs.unmount(target); // of an engine before us, perhaps
            ((Rootfs.Overlay) root).mountOn(target);
            mounted.add(key);
        }
        return target;
    }

    private Path target(ContainerId id) {
        return folders.of(id).running().resolve("root");
    }

    private Path partTarget(ContainerId id, String part) {
        return folders.of(id).running().resolve(part);
    }

    @Override
    public void unmount(ContainerId id) {
        Rootfs.unmount(target(id));
        mounted.remove(id.value());
    }

    @Override
    public void unmountPart(ContainerId id, String part) {
        Rootfs.unmount(partTarget(id, part));
        mounted.remove(key(id, part));
    }

    @Override
    public List<ContainerId> all() {
        var ids = new LinkedHashSet<ContainerId>();
        for (String key : snapshots.containers()) {
            int part = key.indexOf(PART);
            ids.add(new ContainerId(part < 0 ? key : key.substring(0, part)));
        }
        return List.copyOf(ids);
    }

    @Override
    public void remove(ContainerId id) {
        for (String key : snapshots.containers()) {
            if (key.startsWith(id.value() + PART)) {
                snapshots.remove(key);
            }
        }
        snapshots.remove(id.value());
    }
}
