package dev.rung.daemon;

import dev.rung.cli.TransferDisplay;
import dev.rung.domain.Digest;
import dev.rung.image.registry.Progress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a person how layers go, in docker's words. Of what changes all the time only the latest is
 * told, so that nothing piles up before a terminal that stands still.
 */
final class LayerTidings {
    private final Errands<?> errands;
    private final TransferDisplay display;
    private final String moving;
    private final Map<Digest, Progress> latest = new ConcurrentHashMap<>();
    private final Set<Digest> whole = ConcurrentHashMap.newKeySet();

    /** Moving is what a layer does that moves. */
    LayerTidings(Errands<?> errands, TransferDisplay display, String moving) {
        this.errands = errands;
        this.display = display;
        this.moving = moving;
    }

    /** From any thread. */
    void pulling(Progress progress) {
        switch (progress) {
            case Progress.Waiting(Digest layer, long _) -> tell(layer, "Pulling fs layer");
            case Progress.Exists(Digest layer) -> {
                whole.add(layer);
                tell(layer, "Already exists");
            }
            case Progress.Moved(Digest layer, long _, long _) -> latest(layer, progress);
            case Progress.Unpacking(Digest layer, long _, long _) -> {
                if (whole.contains(layer)) { // until then it is as far as the download
                    latest(layer, progress);
                }
            }
            case Progress.Retrying retrying -> tell(retrying);
            case Progress.Complete(Digest layer) -> {
                whole.add(layer);
                tell(layer, "Download complete");
            }
            case Progress.Unpacked(Digest layer) -> tell(layer, "Pull complete");
            case Progress.Resolved _, Progress.Mounted _ -> {}
        }
    }

    /** From any thread. */
    void pushing(Progress progress) {
        switch (progress) {
            case Progress.Waiting(Digest layer, long _) -> tell(layer, "Preparing");
            case Progress.Exists(Digest layer) -> tell(layer, "Layer already exists");
            case Progress.Moved(Digest layer, long _, long _) -> latest(layer, progress);
            case Progress.Retrying retrying -> tell(retrying);
            case Progress.Complete(Digest layer) -> tell(layer, "Pushed");
            case Progress.Mounted(Digest layer, String from) -> tell(layer, "Mounted from " + from);
            case Progress.Resolved _, Progress.Unpacking _, Progress.Unpacked _ -> {}
        }
    }

    private void tell(Progress.Retrying retrying) {
        tell(
                retrying.layer(),
                "Retrying in " + retrying.pause().toSeconds() + " seconds: " + retrying.why());
    }

    private void tell(Digest layer, String status) {
        errands.tell(() -> display.layer(layer.shortHex(), status));
    }

    private void latest(Digest layer, Progress progress) {
        if (latest.put(layer, progress) == null) {
            errands.tell(() -> show(layer));
        }
    }

    private void show(Digest layer) {
        switch (latest.remove(layer)) {
            case Progress.Moved(Digest _, long bytes, long size) ->
                    display.moving(layer.shortHex(), moving, bytes, size);
            case Progress.Unpacking(Digest _, long bytes, long size) ->
                    display.moving(layer.shortHex(), "Extracting", bytes, size);
            case null, default -> {}
        }
    }
}
