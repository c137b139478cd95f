package dev.rung.image.layer;

import dev.rung.domain.KernelPath;
import dev.rung.image.layer.UnpackedLayer.MissingLink;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Gathers what is to be known of a layer after its unpacking. */
final class LayerNotes {
    private final TreeSet<KernelPath> implied = new TreeSet<>();
    private final TreeSet<KernelPath> opaque = new TreeSet<>();
    private final Set<MissingLink> missing = new LinkedHashSet<>();

    LayerNotes() {
        implied.add(LayerPath.ROOT);
    }

    void implied(KernelPath folder) {
        implied.add(folder);
    }

    Iterable<KernelPath> implied() {
        return implied;
    }

    void described(KernelPath folder) {
        implied.remove(folder);
    }

    void opaque(KernelPath folder) {
        opaque.add(folder);
    }

    void missing(KernelPath target, KernelPath name) {
        missing.add(new MissingLink(target, name));
    }

    /** The folder and all below it are gone. */
    void removed(KernelPath folder, KernelPath first, KernelPath last) {
        for (TreeSet<KernelPath> set : List.of(implied, opaque)) {
            set.remove(folder);
            set.subSet(first, last).clear();
        }
    }

    UnpackedLayer layer(long bytes, long entries) {
        return new UnpackedLayer(
                bytes,
                entries,
                new ArrayList<>(implied),
                new ArrayList<>(opaque),
                new ArrayList<>(missing));
    }
}
