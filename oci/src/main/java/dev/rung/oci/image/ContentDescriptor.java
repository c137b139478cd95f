package dev.rung.oci.image;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points at content (image-spec descriptor.md).
 *
 * @param size in bytes
 * @param urls other places to fetch the content from
 * @param platform of an entry in an index
 * @param artifactType what kind of thing a manifest describes, when it is no image
 */
public record ContentDescriptor(
        String mediaType,
        Digest digest,
        long size,
        List<String> urls,
        Map<String, String> annotations,
        @Nullable Platform platform,
        @Nullable String artifactType) {

    /** A plain one. */
    public static ContentDescriptor of(String mediaType, Digest digest, long size) {
        return new ContentDescriptor(mediaType, digest, size, List.of(), Map.of(), null, null);
    }

    /** Reads one on its own. */
    public static ContentDescriptor read(JsonFields fields) {
        Digest digest;
        try {
            digest = Digest.parse(fields.text("digest"));
        } catch (Failure.Invalid e) {
            throw fields.invalid("digest", String.valueOf(e.getMessage()));
        }
        JsonFields platform = fields.optionalObject("platform");
        return new ContentDescriptor(
                fields.text("mediaType"),
                digest,
                fields.integer("size", 0, Long.MAX_VALUE),
                fields.texts("urls"),
                fields.textMap("annotations"),
                platform == null ? null : platform(platform),
                fields.optionalText("artifactType"));
    }

    private static Platform platform(JsonFields fields) {
        String os = fields.optionalText("os");
        String architecture = fields.optionalText("architecture");
        return new Platform(
                os == null ? "unknown" : os,
                architecture == null ? "unknown" : architecture,
                fields.optionalText("variant"));
    }

    public void write(JsonWriter writer) {
        writer.beginObject()
                .field("mediaType", mediaType)
                .optional("artifactType", artifactType)
                .field("digest", digest.toString())
                .field("size", size)
                .optional("urls", urls)
                .optional("annotations", annotations);
        if (platform != null) {
            writer.name("platform")
                    .beginObject()
                    .field("architecture", platform.architecture())
                    .field("os", platform.os())
                    .optional("variant", platform.variant())
                    .endObject();
        }
        writer.endObject();
    }
}
