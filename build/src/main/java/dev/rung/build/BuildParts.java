package dev.rung.build;

import dev.rung.domain.ContainerId;
import dev.rung.engine.ContainerRoots;
import dev.rung.engine.Containers;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.snapshot.SnapshotStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;

/**
 * What builds work with.
 *
 * @param running of builds, below the engine's running folder; what is mounted there is swept when
 *     an engine starts
 */
record BuildParts(
        Containers containers,
        ContainerRoots roots,
        SnapshotStore snapshots,
        ContentStore content,
        ImageStore images,
        BuildCache cache,
        CacheFolders mounts,
        LayerCommit commits,
        Path contexts,
        Path running,
        SecureRandom random,
        Clock clock) {
    private static final int ID_BYTES = 16;

    /** A name that no container has. */
    ContainerId freshId() {
        var bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return new ContainerId("build-" + HexFormat.of().formatHex(bytes));
    }

    StepRoot root(ImageState state) {
        return StepRoot.make(roots, snapshots, freshId(), state);
    }
}
