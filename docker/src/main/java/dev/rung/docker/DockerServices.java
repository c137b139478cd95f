package dev.rung.docker;

import dev.rung.build.Builder;
import dev.rung.engine.ContainerCommit;
import dev.rung.engine.ContainerFiles;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.ImageRemoval;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.archive.FileSystemImporter;
import dev.rung.image.archive.ImageLoader;
import dev.rung.image.archive.ImageSaver;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.SnapshotStore;

/**
 * What the routes act on.
 *
 * @param version of Rung
 * @param home of the engine's state
 */
public record DockerServices(
        Engine engine,
        ImageStore images,
        ContentStore content,
        SnapshotStore snapshots,
        ImageLoader loader,
        ImageSaver saver,
        FileSystemImporter importer,
        ContainerFiles files,
        ContainerCommit commits,
        Builder builder,
        Reclaim reclaim,
        RegistryExchange registries,
        WrittenSettings settings,
        String version,
        String home) {
    Containers containers() {
        return engine.containers();
    }

    /** What takes images away. */
    ImageRemoval removal() {
        return new ImageRemoval(engine, images, content, reclaim);
    }
}
