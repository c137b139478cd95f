package dev.rung.build;

import dev.rung.domain.Digest;
import dev.rung.domain.Platform;
import dev.rung.image.Image;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageConfig.HistoryEntry;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image between two steps; it need not be in the store.
 *
 * @param config what its containers get
 * @param layers the lowest first, each with its diff id at the same place
 * @param base the image itself while no step has changed it
 */
record ImageState(
        @Nullable String created,
        @Nullable String author,
        Platform platform,
        ContainerDefaults config,
        List<ContentDescriptor> layers,
        List<Digest> diffIds,
        List<HistoryEntry> history,
        @Nullable Image base) {

    /** How every stage begins that is made of an image. */
    static ImageState of(Image image) {
        ImageConfig config = image.config();
        return new ImageState(
                config.created(),
                config.author(),
                config.platform(),
                config.config(),
                image.manifest().layers(),
                config.diffIds(),
                config.history(),
                image);
    }

    /** FROM scratch. */
    static ImageState empty(Platform platform) {
        return new ImageState(
                null,
                null,
                platform,
                ContainerDefaults.none(),
                List.of(),
                List.of(),
                List.of(),
                null);
    }

    /** Whether there is no image yet, not even one without layers. */
    boolean isEmpty() {
        return base == null && history.isEmpty();
    }

    /** The next one, after a step that changed files or did not. */
    ImageState next(
            ContainerDefaults newConfig,
            @Nullable String newAuthor,
            String when,
            String createdBy,
            @Nullable Layer layer) {
        var newLayers = new ArrayList<>(layers);
        var newDiffIds = new ArrayList<>(diffIds);
        if (layer != null) {
            newLayers.add(layer.descriptor());
            newDiffIds.add(layer.diffId());
        }
        var newHistory = new ArrayList<>(history);
        newHistory.add(new HistoryEntry(when, createdBy, newAuthor, null, layer == null));
        return new ImageState(
                when,
                newAuthor,
                platform,
                newConfig,
                List.copyOf(newLayers),
                List.copyOf(newDiffIds),
                List.copyOf(newHistory),
                null);
    }

    /** The same that is not kept as it is, because its containers get something else. */
    ImageState with(ContainerDefaults newConfig) {
        return new ImageState(created, author, platform, newConfig, layers, diffIds, history, base);
    }

    /** As docker counts. */
    Digest id() {
        return base == null ? Digest.sha256(configText()) : base.id();
    }

    byte[] configText() {
        return imageConfig().json();
    }

    private ImageConfig imageConfig() {
        return new ImageConfig(created, author, platform, config, diffIds, history);
    }

    /** As the engine wants it for containers. */
    Image image() {
        ContentDescriptor configAt = ImageDocument.describe(MediaTypes.OCI_CONFIG, configText());
        ImageManifest manifest = ImageManifest.of(configAt, layers);
        ContentDescriptor target = ImageDocument.describe(MediaTypes.OCI_MANIFEST, manifest.json());
        return new Image(null, target, target, manifest, imageConfig());
    }
}
