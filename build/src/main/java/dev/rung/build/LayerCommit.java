package dev.rung.build;

import dev.rung.build.BuildCache.Holds;
import dev.rung.domain.Digest;
import dev.rung.domain.KernelPath;
import dev.rung.image.ContentStore;
import dev.rung.image.LayerSink;
import dev.rung.image.archive.Spool;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.tar.TarWriter;
import dev.rung.oci.image.LayerPacking;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a layer of what a step has changed, for the store and for the steps that follow. */
final class LayerCommit {
    private final SnapshotStore snapshots;
    private final ContentStore content;
    private final Path spools;
    private final Digest empty;

    LayerCommit(SnapshotStore snapshots, ContentStore content, Path spools) {
        this.snapshots = snapshots;
        this.content = content;
        this.spools = spools;
        var archive = new ByteArrayOutputStream();
        try {
            new TarWriter(archive).close();
        } catch (IOException e) {
            throw new AssertionError("bytes in memory can be written", e);
        }
        empty = Digest.sha256(archive.toByteArray());
    }

    /**
     * What was written upon an image, under a key of the snapshots; null when nothing was.
     *
     * @param marks relative paths that were only there to mount something on
     */
    @Nullable Layer commit(String key, Set<KernelPath> marks, ImageState before, Holds holds)
            throws IOException, InterruptedException {
        Layer layer =
                Spool.layer(
                        content,
                        holds.lease(),
                        spools,
                        LayerPacking.GZIP,
                        out -> snapshots.writeLayer(key, marks, out));
        if (layer.diffId().equals(empty)) {
            return null;
        }
        unpack(layer, before, holds);
        return layer;
    }

    private void unpack(Layer layer, ImageState before, Holds holds) throws IOException {
        var diffIds = new ArrayList<>(before.diffIds());
        diffIds.add(layer.diffId());
        SnapshotStore.chain(diffIds).forEach(holds.layers()::retain);
        try (LayerIntake intake = snapshots.intakeOfOwn(UnpackLimits.USUAL)) {
            var whole = new LayerSink.Layer(layer.descriptor(), diffIds);
            if (intake.wants(whole)) {
                try (FileChannel packed = content.open(layer.descriptor().digest())) {
                    intake.take(whole, packed);
                }
            }
            intake.commit(diffIds);
        }
    }
}
