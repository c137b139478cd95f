package dev.rung.daemon;

import dev.rung.cli.ImageTransfer;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.Progress;
import dev.rung.image.registry.Puller;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.SnapshotStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Images from registries, unpacked while they come. */
final class RegistryTransfer implements ImageTransfer {
    private static final int SHORT_DIGEST = 12;

    private final ImageStore images;
    private final SnapshotStore snapshots;
    private final Puller puller;

    RegistryTransfer(ImageStore images, SnapshotStore snapshots, Puller puller) {
        this.images = images;
        this.snapshots = snapshots;
        this.puller = puller;
    }

    @Override
    public String pull(String name, String platform, Consumer<String> line) {
        ImageName wanted = ImageName.parse(name).withDefaultTag();
        Platform own = platform.isEmpty() ? Platform.host() : Platform.parse(platform);
        String tag = wanted.tag() == null ? "" : wanted.tag() + ": ";
        line.accept(tag + "Pulling from " + wanted.repository());
        // progress comes from many threads, but a front end is spoken to by its own
        var lines = new LinkedBlockingQueue<String>();
        var pulled = new CompletableFuture<Puller.Pulled>();
        Thread pulling =
                Thread.ofVirtual()
                        .name("pull " + wanted)
                        .start(() -> pull(wanted, own, lines, pulled));
        try {
            for (String text = lines.take(); !text.isEmpty(); text = lines.take()) {
                line.accept(text);
            }
            String verb =
                    result(pulled).changed()
                            ? "Downloaded newer image for "
                            : "Image is up to date for ";
            line.accept("Status: " + verb + wanted.familiar());
            return result(pulled).target().digest().toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        } finally {
            pulling.interrupt(); // nothing to interrupt, unless the person has gone
        }
    }

    private static Puller.Pulled result(CompletableFuture<Puller.Pulled> pulled)
            throws InterruptedException {
        try {
            return pulled.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Puts lines for the person, and an empty one at the end. */
    private void pull(
            ImageName wanted,
            Platform own,
            LinkedBlockingQueue<String> lines,
            CompletableFuture<Puller.Pulled> pulled) {
        try (LayerIntake intake = snapshots.intake(UnpackLimits.USUAL)) {
            Puller.Pulled done =
                    puller.pull(
                            wanted,
                            own,
                            CredentialSource.NONE,
                            intake,
                            progress -> {
                                String text = text(progress);
                                if (text != null) {
                                    lines.add(text);
                                }
                            });
            Image image = images.resolve(wanted.toString(), own);
            intake.commit(image.config().diffIds());
            pulled.complete(done);
        } catch (InterruptedException | RuntimeException | Error e) {
            pulled.completeExceptionally(e);
        } finally {
            lines.add("");
        }
    }

    /** As docker's lines where there is no terminal. */
    private static @Nullable String text(Progress progress) {
        return switch (progress) {
            case Progress.Waiting(Digest layer, long _) -> shown(layer, "Pulling fs layer");
            case Progress.Exists(Digest layer) -> shown(layer, "Already exists");
            case Progress.Retrying(Digest layer, String why, var pause) ->
                    shown(layer, "Retrying in " + pause.toSeconds() + " seconds: " + why);
            case Progress.Complete(Digest layer) -> shown(layer, "Download complete");
            case Progress.Unpacked(Digest layer) -> shown(layer, "Pull complete");
            case Progress.Resolved _, Progress.Moved _, Progress.Mounted _ -> null;
        };
    }

    private static String shown(Digest layer, String what) {
        return layer.hex().substring(0, SHORT_DIGEST) + ": " + what;
    }
}
