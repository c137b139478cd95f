package dev.rung.image;

import dev.rung.domain.Digest;
import java.util.HashSet;
import java.util.Set;

/** Keeps content from being collected while somebody works with it. */
public final class Lease implements AutoCloseable {
    private final ContentStore store;
    private final Set<Digest> held = new HashSet<>(); // guarded by the store

    Lease(ContentStore store) {
        this.store = store;
    }

    /** To be called before looking whether the content is there: then it stays if it is. */
    public void retain(Digest digest) {
        store.retain(this, digest);
    }

    void add(Digest digest) {
        held.add(digest);
    }

    /** All of it, once the lease has ended and nobody adds to it any more. */
    Set<Digest> held() {
        return held;
    }

    boolean holds(Digest digest) {
        return held.contains(digest);
    }

    /** Waits for a collection that is under way. */
    @Override
    public void close() {
        store.end(this);
    }
}
