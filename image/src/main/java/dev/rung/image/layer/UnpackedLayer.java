package dev.rung.image.layer;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import java.util.List;

/**
 * What was unpacked, and what is still to be done where the layers below are known and trusted.
 *
 * @param bytes of files' content
 * @param entries of the archive
 * @param impliedFolders folders that the archive has no entry of, only something in them: their
 *     owner, mode and times are those of the layers below
 * @param opaqueFolders folders that hide what the layers below have there
 * @param missingLinks hard links to files that only a layer below can have
 */
public record UnpackedLayer(
        long bytes,
        long entries,
        List<KernelPath> impliedFolders,
        List<KernelPath> opaqueFolders,
        List<MissingLink> missingLinks) {

    public UnpackedLayer {
        impliedFolders = List.copyOf(impliedFolders);
        opaqueFolders = List.copyOf(opaqueFolders);
        missingLinks = List.copyOf(missingLinks);
        impliedFolders.forEach(UnpackedLayer::check);
        opaqueFolders.forEach(UnpackedLayer::check);
        for (MissingLink link : missingLinks) {
            check(link.target());
            check(link.name());
        }
    }

    /** Who unpacked it may have been taken over by the layer. */
    private static void check(KernelPath path) {
        if (!LayerPath.of(path).whole().equals(path)) {
            throw new Failure.Invalid("invalid layer: \"" + path + "\" is no path in it");
        }
    }

    /** A name for a file that this layer does not have; both are paths in the layer. */
    public record MissingLink(KernelPath target, KernelPath name) {}
}
