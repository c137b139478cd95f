package dev.rung.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Digest;
import dev.rung.domain.Platform;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.MediaTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small images made of nothing: documents and layers by digest. */
public final class TestImages {
    public TestImages() {}

    /** All contents, by digest. */
    public final Map<Digest, byte[]> contents = new LinkedHashMap<>();

    /** Takes any content in. */
    public ContentDescriptor add(String mediaType, byte[] content) {
        Digest digest = Digest.sha256(content);
        contents.put(digest, content);
        return ContentDescriptor.of(mediaType, digest, content.length);
    }

    /** An image whose layers are random bytes of these sizes. */
    public ContentDescriptor image(String platform, long seed, int... layerSizes) {
        var random = new Random(seed);
        var layers = new ArrayList<ContentDescriptor>();
        var diffIds = new ArrayList<Digest>();
        for (int size : layerSizes) {
            var bytes = new byte[size];
            random.nextBytes(bytes);
            layers.add(add(MediaTypes.OCI_LAYER_GZIP, bytes));
            diffIds.add(Digest.sha256(("plain " + random.nextLong()).getBytes(UTF_8)));
        }
        var config =
                new ImageConfig(
                        null,
                        "seed " + seed,
                        Platform.parse(platform),
                        ContainerDefaults.none(),
                        diffIds,
                        List.of());
        return add(
                MediaTypes.OCI_MANIFEST,
                new ImageManifest(
                                MediaTypes.OCI_MANIFEST,
                                null,
                                add(MediaTypes.OCI_CONFIG, config.json()),
                                layers,
                                null,
                                Map.of())
                        .json());
    }

    /** An entry of an index. */
    public static ContentDescriptor onPlatform(ContentDescriptor manifest, String platform) {
        return new ContentDescriptor(
                manifest.mediaType(),
                manifest.digest(),
                manifest.size(),
                List.of(),
                Map.of(),
                Platform.parse(platform),
                null);
    }

    public ContentDescriptor index(ContentDescriptor... manifests) {
        return add(
                MediaTypes.OCI_INDEX,
                new ImageIndex(MediaTypes.OCI_INDEX, null, List.of(manifests), null, Map.of())
                        .json());
    }

    /** Puts all contents into a store. */
    public void fill(ContentStore store) throws InterruptedException {
        for (Map.Entry<Digest, byte[]> content : contents.entrySet()) {
            store.put(
                    ContentDescriptor.of("any", content.getKey(), content.getValue().length),
                    content.getValue());
        }
    }
}
