package dev.rung.cli;

import dev.rung.build.Builder;
import dev.rung.docker.shape.ContainerJson;
import dev.rung.docker.shape.ImageJson;
import dev.rung.docker.shape.NetworkJson;
import dev.rung.engine.ContainerCommit;
import dev.rung.engine.ContainerFiles;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.ImageRemoval;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotStore;

/**
 * What commands act on.
 *
 * @param home of the engine's state, for messages
 */
public record Services(
        Engine engine,
        ImageStore images,
        ContentStore content,
        SnapshotStore snapshots,
        ImageTransfer transfer,
        Archives archives,
        ContainerFiles files,
        ContainerCommit commits,
        Builder builder,
        Reclaim reclaim,
        EngineControl control,
        String home) {
    Containers containers() {
        return engine.containers();
    }

    ContainerJson containerJson() {
        return new ContainerJson(engine, snapshots);
    }

    ImageJson imageJson() {
        return new ImageJson(images, snapshots);
    }

    NetworkJson networkJson() {
        return new NetworkJson(engine);
    }

    /** What takes images away. */
    ImageRemoval removal() {
        return new ImageRemoval(engine, images, content, reclaim);
    }

    /** Of Rung. */
    public static final String VERSION = VersionCommand.VERSION;
}
