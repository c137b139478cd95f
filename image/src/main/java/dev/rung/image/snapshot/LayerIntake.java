package dev.rung.image.snapshot;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.LayerSink;
import dev.rung.image.layer.LayerCompletion;
import dev.rung.image.layer.LayerStack;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.image.unpack.Unpacking;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileSystems;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers on their way into the store: unpacked as they come, in any order and several at once, and
 * made visible together by {@link #commit}. Closing drops what was not; until then no layer that it
 * has or was asked for is collected, so the image gets its name before.
 */
public final class LayerIntake implements LayerSink, AutoCloseable {
    private final SnapshotStore store;
    private final UnpackLimits limits;
    private final Unpacking unpacking;
    private final LayerHold hold;
    private final Map<Digest, Pending> pending = new HashMap<>(); // by chain id; guarded by this

    private record Pending(Path folder, UnpackedLayer layer) {}

    LayerIntake(SnapshotStore store, UnpackLimits limits, Unpacking unpacking) {
        this.store = store;
        this.limits = limits;
        this.unpacking = unpacking;
        hold = store.hold();
    }

    @Override
    public synchronized boolean wants(Layer layer) {
        Digest chainId = SnapshotStore.chain(layer.diffIds()).getLast();
        hold.retain(chainId);
        return !store.contains(chainId) && !pending.containsKey(chainId);
    }

    /**
     * Unpacks a layer, compressed in any known way. Blocks a thread of the platform. Invalid for a
     * layer that is damaged, would do harm or is not what its diff id says.
     */
    @Override
    public void take(Layer layer, ReadableByteChannel packed) throws IOException {
        Path folder = Files.createTempDirectory(store.layers(), "new-");
        UnpackedLayer unpacked = null;
        try {
            unpacked = unpack(layer, packed, folder);
        } finally {
            if (unpacked == null) {
                discard(folder);
            }
        }
        if (!add(SnapshotStore.chain(layer.diffIds()).getLast(), new Pending(folder, unpacked))) {
            discard(folder);
        }
    }

    private synchronized boolean add(Digest chainId, Pending layer) {
        return pending.putIfAbsent(chainId, layer) == null;
    }

    private UnpackedLayer unpack(Layer layer, ReadableByteChannel packed, Path folder)
            throws IOException {
        Digest expected = layer.diffId();
        var order = new Unpacking.Order(limits, ownership(), expected.algorithm());
        Unpacking.Unpacked unpacked;
        try (Fd target = SnapshotStore.open(folder)) {
            unpacked = unpacking.unpack(packed, target, order);
        }
        if (!unpacked.diffId().equals(expected)) {
            throw new Failure.Invalid(
                    "layer "
                            + layer.descriptor().digest()
                            + " unpacks to "
                            + unpacked.diffId()
                            + ", but the image's config says "
                            + expected);
        }
        return unpacked.layer();
    }

    private Ownership ownership() {
        return store.keepsOwners() ? Ownership.RECORDED : Ownership.CALLER;
    }

    /**
     * Makes all layers with these diff ids, the lowest first, part of the store: complete, on the
     * disk, renamed. NotFound when one of them was never taken.
     */
    public synchronized void commit(List<Digest> diffIds) {
        unpacking.close(); // what is checked from here on nobody else may change any more
        List<Digest> chain = SnapshotStore.chain(diffIds);
        var folders = new ArrayList<Path>(); // of what is below, the uppermost first
        boolean any = false;
        for (Digest chainId : chain) {
            Pending layer = pending.get(chainId);
            hold.retain(chainId);
            if (store.contains(chainId)) {
                folders.addFirst(store.folder(chainId));
                continue;
            }
            if (layer == null) {
                throw new Failure.NotFound("no such layer: " + chainId);
            }
            complete(layer, folders);
            folders.addFirst(layer.folder());
            any = true;
        }
        if (any) {
            syncAll();
            for (Digest chainId : chain) {
                Pending layer = pending.remove(chainId);
                if (layer != null) {
                    publish(chainId, layer);
                }
            }
            syncAll();
        }
    }

    private void complete(Pending layer, List<Path> below) {
        try (LayerStack stack = LayerStack.open(below);
                Fd folder = SnapshotStore.open(layer.folder())) {
            LayerCompletion.complete(layer.layer(), folder, stack, store.usesUserAttributes());
        }
    }

    /** Somebody else may have been quicker with the same layer. */
    private void publish(Digest chainId, Pending layer) {
        try {
            Files.move(layer.folder(), store.folder(chainId), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            discard(layer.folder());
        } catch (IOException e) {
            if (!store.contains(chainId)) {
                throw SnapshotStore.failure("keep layer " + chainId, e);
            }
            discard(layer.folder());
        }
    }

    private void syncAll() {
        try (Fd folder = SnapshotStore.open(store.layers())) {
            FileSystems.sync(folder);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("write layers to the disk: " + e.getMessage(), e);
        }
    }

    private void discard(Path folder) {
        SnapshotStore.remove(store.layers(), folder.getFileName().toString());
    }

    @Override
    public synchronized void close() {
        try {
            unpacking.close();
            pending.values().forEach(layer -> discard(layer.folder()));
            pending.clear();
        } finally {
            hold.close();
        }
    }
}
