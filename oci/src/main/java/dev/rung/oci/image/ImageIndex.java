package dev.rung.oci.image;

import dev.rung.domain.Platform;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The manifests of one image for several platforms (image-spec image-index.md). */
public record ImageIndex(
        String mediaType,
        @Nullable String artifactType,
        List<ContentDescriptor> manifests,
        @Nullable ContentDescriptor subject,
        Map<String, String> annotations)
        implements ImageDocument {
    /** What only an index has. */
    static final List<String> ITS_OWN = List.of("manifests");

    static ImageIndex of(JsonFields fields, String mediaType) {
        var manifests = new ArrayList<ContentDescriptor>();
        for (JsonFields manifest : fields.objects("manifests")) {
            manifests.add(ContentDescriptor.read(manifest));
        }
        JsonFields subject = fields.optionalObject("subject");
        return new ImageIndex(
                mediaType,
                fields.optionalText("artifactType"),
                List.copyOf(manifests),
                subject == null ? null : ContentDescriptor.read(subject),
                fields.textMap("annotations"));
    }

    /**
     * The entries that a machine of this platform can run, the best first. An entry without a
     * platform comes last: some tools write indexes of a single image so.
     */
    public List<ContentDescriptor> matching(Platform platform) {
        var found = new ArrayList<ContentDescriptor>();
        for (Platform wanted : platform.compatible()) {
            for (ContentDescriptor manifest : manifests) {
                if (wanted.equals(manifest.platform())) {
                    found.add(manifest);
                }
            }
        }
        for (ContentDescriptor manifest : manifests) {
            if (manifest.platform() == null) {
                found.add(manifest);
            }
        }
        return List.copyOf(found);
    }

    @Override
    public List<ContentDescriptor> children() {
        return manifests;
    }

    @Override
    public byte[] json() {
        var writer = JsonWriter.compact();
        writer.beginObject()
                .field("schemaVersion", 2)
                .field("mediaType", mediaType)
                .optional("artifactType", artifactType)
                .name("manifests")
                .beginArray();
        for (ContentDescriptor manifest : manifests) {
            manifest.write(writer);
        }
        writer.endArray();
        if (subject != null) {
            subject.write(writer.name("subject"));
        }
        return writer.optional("annotations", annotations).endObject().bytes();
    }
}
