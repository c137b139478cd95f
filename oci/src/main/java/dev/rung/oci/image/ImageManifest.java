package dev.rung.oci.image;

import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One image, or an artifact of another kind (image-spec manifest.md).
 *
 * @param layers the lowest first
 */
public record ImageManifest(
        String mediaType,
        @Nullable String artifactType,
        ContentDescriptor config,
        List<ContentDescriptor> layers,
        @Nullable ContentDescriptor subject,
        Map<String, String> annotations)
        implements ImageDocument {
    /** What only a manifest has. */
    static final List<String> ITS_OWN = List.of("config", "layers", "fsLayers");

    static ImageManifest of(JsonFields fields, String mediaType) {
        var layers = new ArrayList<ContentDescriptor>();
        for (JsonFields layer : fields.objects("layers")) {
            layers.add(ContentDescriptor.read(layer));
        }
        JsonFields subject = fields.optionalObject("subject");
        return new ImageManifest(
                mediaType,
                fields.optionalText("artifactType"),
                ContentDescriptor.read(fields.object("config")),
                List.copyOf(layers),
                subject == null ? null : ContentDescriptor.read(subject),
                fields.textMap("annotations"));
    }

    /** One of OCI's, which names its layers by OCI's types, whichever theirs are elsewhere. */
    public static ImageManifest of(ContentDescriptor config, List<ContentDescriptor> layers) {
        return new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                null,
                config,
                layers.stream().map(LayerPacking::inOciWords).toList(),
                null,
                Map.of());
    }

    /** Whether it can be run: not an artifact that only uses the manifest's form. */
    public boolean isImage() {
        return artifactType == null && MediaTypes.isImageConfig(config.mediaType());
    }

    @Override
    public List<ContentDescriptor> children() {
        var children = new ArrayList<ContentDescriptor>(layers.size() + 1);
        children.add(config);
        children.addAll(layers);
        return children;
    }

    @Override
    public byte[] json() {
        var writer = JsonWriter.compact();
        writer.beginObject()
                .field("schemaVersion", 2)
                .field("mediaType", mediaType)
                .optional("artifactType", artifactType)
                .name("config");
        config.write(writer);
        writer.name("layers").beginArray();
        for (ContentDescriptor layer : layers) {
            layer.write(writer);
        }
        writer.endArray();
        if (subject != null) {
            subject.write(writer.name("subject"));
        }
        return writer.optional("annotations", annotations).endObject().bytes();
    }
}
