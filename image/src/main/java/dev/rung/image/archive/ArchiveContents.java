package dev.rung.image.archive;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageReader;
import dev.rung.image.Lease;
import dev.rung.image.archive.ArchiveFiles.Stored;
import dev.rung.image.compression.Compression;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the images of an archive whose content lies in the store: by index.json, the index of an
 * OCI layout, else by manifest.json, Docker's own list.
 */
final class ArchiveContents {
    private static final String NAME = "io.containerd.image.name";
    private static final String REFERENCE = "org.opencontainers.image.ref.name";

    private final ContentStore content;
    private final Lease lease;
    private final ArchiveFiles files;
    private final ImageReader reader;

    /** An entry of manifest.json. */
    private record Saved(String config, List<String> tags, List<String> layers) {}

    ArchiveContents(ContentStore content, Lease lease, ArchiveFiles files) {
        this.content = content;
        this.lease = lease;
        this.files = files;
        this.reader = new ImageReader(content);
    }

    List<LoadedImage> images() throws InterruptedException {
        byte[] index = files.document("index.json");
        byte[] manifest = files.document("manifest.json");
        List<Saved> saved = manifest == null ? List.of() : saved(manifest);
        var images = new ArrayList<LoadedImage>();
        if (index != null) {
            ImageDocument document = ImageDocument.read("index.json", MediaTypes.OCI_INDEX, index);
            for (ContentDescriptor target : ((ImageIndex) document).manifests()) {
                images.add(image(target, saved));
            }
        } else {
            for (Saved image : saved) {
                images.add(image(image));
            }
        }
        return images;
    }

    private LoadedImage image(ContentDescriptor target, List<Saved> saved) {
        check(target);
        Set<ImageName> names = new LinkedHashSet<>();
        String name = target.annotations().getOrDefault(NAME, "");
        if (name.isEmpty()) {
            name = target.annotations().getOrDefault(REFERENCE, "");
        }
        if (name.contains("/") || name.contains(":")) { // else only a tag
            names.add(ImageName.parse(name).withDefaultTag());
        } else {
            saved.stream()
                    .filter(image -> isConfigOf(image.config(), target))
                    .flatMap(image -> image.tags().stream())
                    .forEach(tag -> names.add(ImageName.parse(tag).withDefaultTag()));
        }
        return new LoadedImage(
                List.copyOf(names),
                ContentDescriptor.of(target.mediaType(), target.digest(), target.size()));
    }

    private boolean isConfigOf(String path, ContentDescriptor target) {
        Stored config = files.stored(path);
        return config != null
                && MediaTypes.isManifest(target.mediaType())
                && reader.document(target) instanceof ImageManifest manifest
                && manifest.config().digest().equals(config.digest());
    }

    /** An index may name platforms that were left out; a manifest needs all it names. */
    private void check(ContentDescriptor target) {
        if (!content.contains(target.digest())) {
            throw new Failure.Invalid("invalid image archive: it lacks " + target.digest());
        }
        ImageDocument document = reader.document(target);
        boolean any = false;
        for (ContentDescriptor child : document.children()) {
            boolean here = content.contains(child.digest());
            if (document instanceof ImageIndex) {
                if (here) {
                    check(child);
                }
            } else if (!here && !MediaTypes.isForeign(child.mediaType())) {
                throw new Failure.Invalid("invalid image archive: it lacks " + child.digest());
            }
            any |= here;
        }
        if (!any) {
            throw new Failure.Invalid(
                    "invalid image archive: nothing of " + target.digest() + " is in it");
        }
    }

    private static List<Saved> saved(byte[] text) {
        var saved = new ArrayList<Saved>();
        if (Json.read("manifest.json", text) instanceof JsonArray array) {
            for (Json element : array.values()) {
                var bytes = JsonWriter.compact().value(element).bytes();
                JsonFields fields = JsonFields.read("manifest.json", bytes);
                saved.add(
                        new Saved(
                                fields.text("Config"),
                                fields.texts("RepoTags"),
                                fields.texts("Layers")));
            }
        }
        return saved;
    }

    /** An image of docker save before version 25, which has no manifest: one is made. */
    private LoadedImage image(Saved saved) throws InterruptedException {
        byte[] text = files.document(saved.config());
        Stored stored = files.stored(saved.config());
        if (text == null && stored != null) {
            text = content.read(stored.digest(), ImageReader.LARGEST_CONFIG);
        }
        if (text == null) {
            throw lacks(saved.config());
        }
        Digest digest = Digest.sha256(text);
        ImageConfig config = ImageConfig.read(saved.config(), text);
        if (config.diffIds().size() != saved.layers().size()) {
            throw new Failure.Invalid(
                    "invalid image archive: %s: rootfs.diff_ids: want %d, one a layer, got %d"
                            .formatted(
                                    Printable.of(saved.config()),
                                    saved.layers().size(),
                                    config.diffIds().size()));
        }
        var layers = new ArrayList<ContentDescriptor>();
        for (String path : saved.layers()) {
            Stored layer = files.stored(path);
            if (layer == null) {
                throw lacks(path);
            }
            layers.add(ContentDescriptor.of(mediaType(layer), layer.digest(), layer.size()));
        }
        var descriptor = ContentDescriptor.of(MediaTypes.OCI_CONFIG, digest, text.length);
        lease.retain(digest);
        content.put(descriptor, text);
        byte[] manifest = ImageManifest.of(descriptor, layers).json();
        ContentDescriptor target = ImageDocument.describe(MediaTypes.OCI_MANIFEST, manifest);
        lease.retain(target.digest());
        content.put(target, manifest);
        return new LoadedImage(
                saved.tags().stream().map(tag -> ImageName.parse(tag).withDefaultTag()).toList(),
                target);
    }

    /** By its first bytes: some tools compress what is called layer.tar. */
    private String mediaType(Stored layer) {
        var start = new byte[6];
        try (var channel = content.open(layer.digest())) {
            var buffer = ByteBuffer.wrap(start);
            int count = channel.read(buffer);
            assert count <= start.length;
        } catch (IOException e) {
            throw new Failure.HostRefused("read a layer: " + e.getMessage(), e);
        }
        return switch (Compression.of(start)) {
            case NONE -> MediaTypes.OCI_LAYER;
            case GZIP -> MediaTypes.OCI_LAYER_GZIP;
            case ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
        };
    }

    private static Failure.Invalid lacks(String path) {
        return new Failure.Invalid(
                "invalid image archive: it lacks \"" + Printable.of(path) + "\"");
    }
}
