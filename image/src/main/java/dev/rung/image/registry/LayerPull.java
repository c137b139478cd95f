package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageReader;
import dev.rung.image.Ingest;
import dev.rung.image.LayerSink;
import dev.rung.image.Lease;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageManifest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Brings in what one manifest points at, and hands its layers on while they come. */
final class LayerPull {
    private final RegistrySession session;
    private final List<Repository> sources;
    private final ContentStore content;
    private final Lease lease;
    private final LayerSink sink;
    private final Consumer<Progress> progress;
    private final Semaphore slots;
    private final CompletableFuture<List<Digest>> diffIds = new CompletableFuture<>();
    private final AtomicBoolean fetched = new AtomicBoolean();

    LayerPull(
            RegistrySession session,
            List<Repository> sources,
            ContentStore content,
            Lease lease,
            LayerSink sink,
            Consumer<Progress> progress) {
        this.session = session;
        this.sources = sources;
        this.content = content;
        this.lease = lease;
        this.sink = sink;
        this.progress = progress;
        slots = new Semaphore(session.limits().downloads(), true);
    }

    /** Whether anything had to be fetched. */
    boolean run(ImageManifest manifest) throws InterruptedException {
        boolean unpacks = !sink.equals(LayerSink.NONE) && manifest.isImage();
        ContentDescriptor config = manifest.config();
        if (manifest.isImage() && config.size() > ImageReader.LARGEST_CONFIG) {
            throw new Failure.Invalid(
                    "config %s: %d bytes, want at most %d"
                            .formatted(config.digest(), config.size(), ImageReader.LARGEST_CONFIG));
        }
        var jobs = new Parallel();
        jobs.add("config", () -> config(manifest));
        for (int i = 0; i < manifest.layers().size(); i++) {
            int index = i;
            jobs.add("layer " + i, () -> layer(manifest, index, unpacks));
        }
        jobs.join();
        return fetched.get();
    }

    private void config(ImageManifest manifest) throws InterruptedException {
        try {
            ContentDescriptor config = manifest.config();
            fetch(config, event -> {});
            if (manifest.isImage()) {
                byte[] text = content.read(config.digest(), ImageReader.LARGEST_CONFIG);
                diffIds.complete(diffIds(manifest, text));
            }
        } finally {
            diffIds.cancel(false); // nobody waits for what will not come
        }
    }

    private static List<Digest> diffIds(ImageManifest manifest, byte[] text) {
        Digest digest = manifest.config().digest();
        List<Digest> ids = ImageConfig.read("config " + digest, text).diffIds();
        if (ids.size() != manifest.layers().size()) {
            throw new Failure.Invalid(
                    "config %s: rootfs.diff_ids: want %d, one a layer, got %d"
                            .formatted(digest, manifest.layers().size(), ids.size()));
        }
        return ids;
    }

    private void fetch(ContentDescriptor descriptor, Consumer<Progress> listener)
            throws InterruptedException {
        lease.retain(descriptor.digest());
        try (Ingest ingest = content.begin(descriptor)) {
            if (ingest != null) {
                fetched.set(true);
                var source = new PulledContent(session, sources, descriptor);
                new BlobDownload(descriptor, ingest, listener)
                        .run(source, session.downloadBackoff());
            }
        }
    }

    private void layer(ImageManifest manifest, int index, boolean unpacks)
            throws InterruptedException {
        ContentDescriptor layer = manifest.layers().get(index);
        progress.accept(new Progress.Waiting(layer.digest(), layer.size()));
        LayerUnpacking unpacking = null;
        slots.acquire();
        try {
            lease.retain(layer.digest());
            try (Ingest ingest = content.begin(layer)) {
                if (unpacks) {
                    unpacking = new LayerUnpacking(layer, index, content, ingest, diffIds);
                    unpacking.start(sink, progress);
                }
                try {
                    download(layer, ingest);
                } catch (InterruptedException | RuntimeException e) {
                    if (unpacking != null) {
                        unpacking.downloadFailed(e);
                    }
                    throw e;
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            if (unpacking != null) {
                unpacking.abandon();
            }
            throw e;
        } finally {
            slots.release();
        }
        if (unpacking != null) {
            unpacking.join();
        }
    }

    private void download(ContentDescriptor layer, @Nullable Ingest ingest)
            throws InterruptedException {
        if (ingest == null) {
            progress.accept(new Progress.Exists(layer.digest()));
            return;
        }
        fetched.set(true);
        var source = new PulledContent(session, sources, layer);
        new BlobDownload(layer, ingest, progress).run(source, session.downloadBackoff());
        progress.accept(new Progress.Complete(layer.digest()));
    }
}
