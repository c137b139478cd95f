package dev.rung.oci.image;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about itself and its containers (image-spec config.md).
 *
 * @param created in the form of RFC 3339, as the image says it
 * @param diffIds the digests of the layers' plain tars, the lowest first
 */
public record ImageConfig(
        @Nullable String created,
        @Nullable String author,
        Platform platform,
        ContainerDefaults config,
        List<Digest> diffIds,
        List<HistoryEntry> history) {

    /**
     * How a layer, or none, came about.
     *
     * @param emptyLayer whether no layer belongs to it
     */
    public record HistoryEntry(
            @Nullable String created,
            @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            boolean emptyLayer) {}

    /** Reads the text that a manifest's config points at. */
    public static ImageConfig read(String name, byte[] text) {
        JsonFields fields = JsonFields.read(name, text);
        JsonFields rootfs = fields.object("rootfs");
        String type = rootfs.optionalText("type");
        if (!"layers".equals(type)) {
            throw rootfs.invalid("type", "want \"layers\"");
        }
        List<String> texts = rootfs.texts("diff_ids");
        var diffIds = new ArrayList<Digest>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            try {
                diffIds.add(Digest.parse(texts.get(i)));
            } catch (Failure.Invalid e) {
                throw rootfs.invalid("diff_ids", i, String.valueOf(e.getMessage()));
            }
        }
        var history = new ArrayList<HistoryEntry>();
        for (JsonFields entry : fields.objects("history")) {
            history.add(
                    new HistoryEntry(
                            entry.optionalText("created"),
                            entry.freeText("created_by"),
                            entry.freeText("author"),
                            entry.freeText("comment"),
                            entry.flag("empty_layer")));
        }
        return new ImageConfig(
                fields.optionalText("created"),
                fields.freeText("author"),
                new Platform(
                        fields.text("os"),
                        fields.text("architecture"),
                        fields.optionalText("variant")),
                ContainerDefaults.of(fields.optionalObject("config")),
                List.copyOf(diffIds),
                List.copyOf(history));
    }

    /** The text of a new image's config, for commit and import. */
    public byte[] json() {
        var writer = JsonWriter.compact();
        writer.beginObject()
                .optional("created", created)
                .optional("author", author)
                .field("architecture", platform.architecture())
                .field("os", platform.os())
                .optional("variant", platform.variant())
                .name("config");
        config.write(writer);
        writer.name("rootfs").beginObject().field("type", "layers").name("diff_ids").beginArray();
        for (Digest diffId : diffIds) {
            writer.value(diffId.toString());
        }
        writer.endArray().endObject();
        if (!history.isEmpty()) {
            writer.name("history").beginArray();
            for (HistoryEntry entry : history) {
                writer.beginObject()
                        .optional("created", entry.created)
                        .optional("created_by", entry.createdBy)
                        .optional("author", entry.author)
                        .optional("comment", entry.comment)
                        .optional("empty_layer", entry.emptyLayer ? Boolean.TRUE : null)
                        .endObject();
            }
            writer.endArray();
        }
        return writer.endObject().bytes();
    }
}
