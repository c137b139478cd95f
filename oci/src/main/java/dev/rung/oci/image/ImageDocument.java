package dev.rung.oci.image;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a registry keeps under a tag: one manifest, or an index of several. */
public sealed interface ImageDocument permits ImageManifest, ImageIndex {
    String mediaType();

    @Nullable String artifactType();

    /** The manifest that this one is about, such as the image of a signature. */
    @Nullable ContentDescriptor subject();

    Map<String, String> annotations();

    /** All that it points at and cannot do without, in order; not its subject. */
    List<ContentDescriptor> children();

    /** Written without blanks. */
    byte[] json();

    /**
     * Reads a document of the kind that the media type says, which is what the registry said in
     * Content-Type or what a descriptor says. Refuses one that could be read as either kind, or
     * whose own mediaType says otherwise (CVE-2021-41190): signed as one thing, it would be run as
     * another.
     */
    static ImageDocument read(String name, String mediaType, byte[] text) {
        JsonFields fields = JsonFields.read(name, text);
        String own = fields.optionalText("mediaType");
        if (MediaTypes.isSchema1(mediaType)
                || fields.has("fsLayers")
                || fields.integerOr("schemaVersion", 0, Long.MAX_VALUE, 2) == 1) {
            throw new Failure.Unsupported(
                    name
                            + ": a manifest of version 2, schema 1, which is no longer supported:"
                            + " push the image again with a newer tool");
        }
        if (fields.integer("schemaVersion", 0, Long.MAX_VALUE) != 2) {
            throw fields.invalid("schemaVersion", "want 2");
        }
        boolean index = MediaTypes.isIndex(mediaType);
        if (!index && !MediaTypes.isManifest(mediaType)) {
            throw new Failure.Unsupported(
                    "%s: media type \"%s\": want an image's manifest or index"
                            .formatted(name, Printable.of(mediaType)));
        }
        if (own != null && !own.equals(mediaType)) {
            throw fields.invalid(
                    "mediaType",
                    "want \"%s\", as which it was named, got \"%s\""
                            .formatted(Printable.of(mediaType), Printable.of(own)));
        }
        for (String foreign : index ? ImageManifest.ITS_OWN : ImageIndex.ITS_OWN) {
            if (fields.has(foreign)) {
                throw fields.invalid(
                        foreign,
                        index
                                ? "want no such field in an index"
                                : "want no such field in a manifest");
            }
        }
        return index ? ImageIndex.of(fields, mediaType) : ImageManifest.of(fields, mediaType);
    }

    /** The descriptor of this document's raw text. */
    static ContentDescriptor describe(String mediaType, byte[] text) {
        return ContentDescriptor.of(mediaType, Digest.sha256(text), text.length);
    }
}
