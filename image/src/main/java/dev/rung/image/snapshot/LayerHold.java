package dev.rung.image.snapshot;

import dev.rung.domain.Digest;
import java.util.HashSet;
import java.util.Set;

/** Keeps layers from being collected while somebody works with them. */
public final class LayerHold implements AutoCloseable {
    private final SnapshotStore store;
    private final Set<Digest> held = new HashSet<>(); // guarded by the store

    LayerHold(SnapshotStore store) {
        this.store = store;
    }

    /** To be called before looking whether the layer is there: then it stays if it is. */
    public void retain(Digest chainId) {
        store.retain(this, chainId);
    }

    void add(Digest chainId) {
        held.add(chainId);
    }

    boolean holds(Digest chainId) {
        return held.contains(chainId);
    }

    /** Waits for a collection that is under way: it may have looked before we were done. */
    @Override
    public void close() {
        store.end(this);
    }
}
