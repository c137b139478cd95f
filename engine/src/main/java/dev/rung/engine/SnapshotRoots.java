package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.LayerSink;
import dev.rung.image.layer.LayerFiles;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.linux.Fd;
import dev.rung.linux.FileIdentity;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * Root file systems of snapshots: overlays mounted in the containers' running folders, or copies.
 */
public final class SnapshotRoots implements ContainerRoots {
    /**
     * Where root file systems are mounted for user namespaces, whose root is nobody in our own
     * folders and must find its way.
     */
    private static final Path MAPPED = Path.of("/run/rung-roots");

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
        snapshots.prepare(key, unpacked(image));
    }

    /** The diff ids of layers that are here. */
    private List<Digest> unpacked(Image image) {
        var diffIds = image.config().diffIds();
        if (!diffIds.isEmpty() && !snapshots.contains(SnapshotStore.chain(diffIds).getLast())) {
            unpack(image);
        }
        return diffIds;
    }

    @Override
    public <T> T read(Image image, Function<LayerFiles, T> use) {
        ImageName name = image.name();
        String named = name == null ? image.id().toString() : name.familiar();
        return snapshots.read("image \"" + named + "\"", unpacked(image), use);
    }

    @Override
    public void stack(ContainerId id, Image image, List<Path> layers) {
        var diffIds = new ArrayList<>(image.config().diffIds());
        try (LayerIntake intake = snapshots.intake(UnpackLimits.USUAL)) {
            for (Path layer : layers) {
                Digest digest = digest(layer);
                diffIds.add(digest);
                var descriptor =
                        ContentDescriptor.of(MediaTypes.OCI_LAYER, digest, Files.size(layer));
                var added = new LayerSink.Layer(descriptor, List.copyOf(diffIds));
                if (intake.wants(added)) {
                    try (FileChannel archive = FileChannel.open(layer)) {
                        intake.take(added, archive);
                    }
                }
            }
            intake.commit(diffIds);
            snapshots.remove(id.value());
            snapshots.prepare(id.value(), diffIds);
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "unpack layers of container " + id + ": " + e.getMessage(), e);
        }
    }

    private static Digest digest(Path file) throws IOException {
        MessageDigest hash = Digest.Algorithm.SHA256.hash();
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[64 << 10];
            int count;
            while ((count = in.read(buffer)) >= 0) {
                hash.update(buffer, 0, count);
            }
        }
        return Digest.of(Digest.Algorithm.SHA256, hash);
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
    public Path mount(ContainerId id, Fd userNamespace, int root) {
        if (!(snapshots.find(id.value()) instanceof Rootfs.Overlay overlay)) {
            throw new Failure.HostRefused("a copied root file system is not id-mapped", null);
        }
        Path target = MAPPED.resolve(id.value());
        makeFolder(target);
        Rootfs.unmount(target);
        // the file system works as who mounted it, who must be somebody among the mapped owners
        var mounting =
                new FutureTask<Path>(() -> {
                    FileIdentity.<RuntimeException>as(
                            root, () -> overlay.mountOn(target, userNamespace));
                    return target;
                });
        Thread.ofPlatform().name("mount " + id).start(mounting);
        try {
            return mounting.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new Failure.HostRefused(
                    "mount an id-mapped root file system: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private static void makeFolder(Path target) {
        try {
            Files.createDirectories(target);
            if (target.startsWith(MAPPED)) {
                Files.setPosixFilePermissions(MAPPED, PosixFilePermissions.fromString("rwx--x--x"));
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("make \"" + target + "\": " + e.getMessage(), e);
        }
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
            makeFolder(target);
            Rootfs.unmount(target); // of an engine before us, perhaps
            ((Rootfs.Overlay) root).mountOn(target);
            mounted.add(key);
        }
        return target;
    }

    @Override
    public Path place(ContainerId id) {
        Path mapped = MAPPED.resolve(id.value());
        return Files.isDirectory(mapped) ? mapped : target(id);
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
        Path mapped = MAPPED.resolve(id.value());
        if (Files.exists(mapped)) {
            Rootfs.unmount(mapped);
            removeFolder(mapped);
        }
    }

    private static void removeFolder(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException _) {
            // an empty folder below /run is no loss
        }
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
                unmountPart(id, key.substring((id.value() + PART).length()));
                snapshots.remove(key);
            }
        }
        snapshots.remove(id.value());
    }
}
