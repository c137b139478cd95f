package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentReader;
import dev.rung.image.ContentStore;
import dev.rung.image.Ingest;
import dev.rung.image.LayerSink;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands one layer to the sink while it is downloaded, on a platform thread: unpacking computes a
 * lot, and would keep a carrier of virtual threads from all others. Of download and unpacking, the
 * one that fails first stops the other and is what is told.
 */
final class LayerUnpacking {
    private final ContentDescriptor layer;
    private final int index;
    private final ContentStore content;
    private final @Nullable Ingest ingest;
    private final CompletableFuture<List<Digest>> diffIds;
    private final Thread download = Thread.currentThread();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable ContentReader reader;
    private @Nullable Thread thread;

    /** Made by the thread that downloads; the ingest is null when the layer lies in the store. */
    LayerUnpacking(
            ContentDescriptor layer,
            int index,
            ContentStore content,
            @Nullable Ingest ingest,
            CompletableFuture<List<Digest>> diffIds) {
        this.layer = layer;
        this.index = index;
        this.content = content;
        this.ingest = ingest;
        this.diffIds = diffIds;
        reader = content.follow(layer.digest(), ingest); // while the ingest is surely open
    }

    void start(LayerSink sink, Consumer<Progress> progress) {
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("unpack layer " + index)
                        .start(() -> run(sink, progress));
    }

    private void run(LayerSink sink, Consumer<Progress> progress) {
        try {
            List<Digest> all = diffIds.get();
            var whole = new LayerSink.Layer(layer, List.copyOf(all.subList(0, index + 1)));
            if (sink.wants(whole)) {
                take(sink, whole, progress);
            }
            progress.accept(new Progress.Unpacked(layer.digest()));
        } catch (InterruptedException | ExecutionException | CancellationException e) {
            // another part of the pull has failed, and says why
        } catch (IOException e) {
            fail(
                    new Failure.HostRefused(
                            "unpack layer " + layer.digest() + ": " + e.getMessage(), e));
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            closeReader();
        }
    }

    private void take(LayerSink sink, LayerSink.Layer whole, Consumer<Progress> progress)
            throws IOException {
        while (true) {
            ContentReader own = reader;
            if (own == null) {
                own = content.follow(layer.digest(), ingest);
                reader = own;
            }
            try {
                sink.take(whole, new ToldReading(own, layer, progress));
                return;
            } catch (IOException | RuntimeException e) {
                if (!own.mustRestart()) {
                    throw e;
                }
                closeReader();
            }
        }
    }

    private void closeReader() {
        ContentReader own = reader;
        reader = null;
        if (own != null) {
            try {
                own.close();
            } catch (IOException e) {
                // it was only read from
            }
        }
    }

    private void fail(Throwable e) {
        if (failure.compareAndSet(null, e)) {
            download.interrupt();
        }
    }

    /** To be told before the ingest is closed, which ends our reading too. */
    void downloadFailed(Throwable e) {
        failure.compareAndSet(null, e);
    }

    /** Stops, waits, and throws what failed first if that was the unpacking. */
    void abandon() {
        Thread own = thread;
        if (own != null) {
            own.interrupt();
            joinFully(own);
        }
        if (failure.get() instanceof Failure first) {
            throw first;
        }
    }

    private static void joinFully(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the end of the unpacking, and throws what it failed with. */
    void join() throws InterruptedException {
        Thread own = thread;
        if (own != null) {
            try {
                own.join();
            } catch (InterruptedException e) {
                downloadFailed(e);
                abandon();
                throw e;
            }
        }
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new AssertionError(e);
        }
    }
}
