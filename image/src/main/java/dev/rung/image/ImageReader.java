package dev.rung.image;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads manifests, indexes and configs that lie in the content store. */
public final class ImageReader {
    /** Of a manifest or an index, in bytes; registries set about the same. */
    public static final int LARGEST_DOCUMENT = 4 << 20;

    /** Of an image's config, in bytes. */
    public static final int LARGEST_CONFIG = 8 << 20;

    private static final int DEEPEST_INDEX = 4;
    private static final int MOST_MANIFESTS = 10_000;

    private final ContentStore content;

    public ImageReader(ContentStore content) {
        this.content = content;
    }

    /** Reads a manifest or an index. */
    public ImageDocument document(ContentDescriptor descriptor) {
        return ImageDocument.read(
                "manifest " + descriptor.digest(),
                descriptor.mediaType(),
                content.read(descriptor.digest(), LARGEST_DOCUMENT));
    }

    /**
     * The image for a platform below what a name points at. NotFound when the store has none for
     * it, Unsupported when it is no image.
     */
    public Image read(StoredImage stored, Platform platform) {
        ContentDescriptor descriptor = choose(stored.target(), platform, 0);
        if (!(document(descriptor) instanceof ImageManifest manifest)) {
            throw new AssertionError("chosen among manifests");
        }
        return read(stored, descriptor, manifest);
    }

    private Image read(StoredImage stored, ContentDescriptor descriptor, ImageManifest manifest) {
        checkRunnable(String.valueOf(stored.name()), manifest);
        Digest digest = manifest.config().digest();
        ImageConfig config =
                ImageConfig.read("config " + digest, content.read(digest, LARGEST_CONFIG));
        if (config.diffIds().size() != manifest.layers().size()) {
            throw new Failure.Invalid(
                    "config %s: rootfs.diff_ids: want %d, one a layer, got %d"
                            .formatted(digest, manifest.layers().size(), config.diffIds().size()));
        }
        return new Image(stored.name(), stored.target(), descriptor, manifest, config);
    }

    /** What whoever made an image says about it: of its index, and before that of its manifest. */
    Map<String, String> annotations(Image image) {
        var all = new HashMap<String, String>();
        if (MediaTypes.isIndex(image.target().mediaType())
                && document(image.target()) instanceof ImageIndex index) {
            all.putAll(index.annotations());
        }
        all.putAll(image.manifest().annotations());
        return all;
    }

    /**
     * The diff ids of an image's layers, the lowest first; NotFound when its config is not here.
     */
    public List<Digest> diffIds(ImageManifest manifest) {
        Digest digest = manifest.config().digest();
        return ImageConfig.read("config " + digest, content.read(digest, LARGEST_CONFIG)).diffIds();
    }

    /** Unsupported when a manifest is of something else than an image. */
    public static void checkRunnable(String name, ImageManifest manifest) {
        if (!manifest.isImage()) {
            String type = manifest.artifactType();
            throw new Failure.Unsupported(
                    "%s: an artifact of type \"%s\", not an image that can be run"
                            .formatted(
                                    name,
                                    Printable.of(
                                            type == null ? manifest.config().mediaType() : type)));
        }
    }

    private ContentDescriptor choose(ContentDescriptor target, Platform platform, int depth) {
        if (!MediaTypes.isIndex(target.mediaType())) {
            return target;
        }
        if (depth == DEEPEST_INDEX || !(document(target) instanceof ImageIndex index)) {
            throw new Failure.Invalid("index " + target.digest() + ": indexes nested too deeply");
        }
        for (ContentDescriptor entry : index.matching(platform)) {
            if (content.contains(entry.digest())) {
                return choose(entry, platform, depth + 1);
            }
        }
        throw new Failure.NotFound(
                "image %s: not here for platform %s".formatted(target.digest(), platform));
    }

    /** All that is in the store of what this points at, with itself. */
    public Set<Digest> reachable(ContentDescriptor root) {
        var found = new HashSet<Digest>();
        var left = new ArrayDeque<ContentDescriptor>();
        left.add(root);
        while (!left.isEmpty()) {
            ContentDescriptor next = left.remove();
            boolean document =
                    MediaTypes.isIndex(next.mediaType()) || MediaTypes.isManifest(next.mediaType());
            if (content.contains(next.digest()) && found.add(next.digest()) && document) {
                left.addAll(children(next));
            }
        }
        return found;
    }

    /** All manifests that are in the store of what this points at. */
    public List<ImageManifest> manifests(ContentDescriptor root) {
        var found = new ArrayList<ImageManifest>();
        var left = new ArrayDeque<ContentDescriptor>();
        left.add(root);
        for (int count = 0; !left.isEmpty() && count < MOST_MANIFESTS; count++) {
            ContentDescriptor next = left.remove();
            try {
                switch (document(next)) {
                    case ImageManifest manifest -> found.add(manifest);
                    case ImageIndex index -> left.addAll(index.manifests());
                }
            } catch (Failure.NotFound | Failure.Invalid | Failure.Unsupported e) {
                // not here, or no document of the kind that it is called
            }
        }
        return found;
    }

    /** What is no document of the kind that it is called points at nothing that we could know. */
    private List<ContentDescriptor> children(ContentDescriptor descriptor) {
        try {
            return document(descriptor).children();
        } catch (Failure.Invalid | Failure.Unsupported e) {
            return List.of();
        }
    }
}
