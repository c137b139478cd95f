package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of "mounts" (config.md "Mounts").
 *
 * @param destination the path inside; a relative one is meant from "/" (deprecated)
 * @param options as written; what they mean is for the runtime to say
 * @param uidMappings for an id-mapped mount
 * @param gidMappings for an id-mapped mount
 */
public record Mount(
        String destination,
        @Nullable String type,
        @Nullable String source,
        List<String> options,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings) {

    static List<Mount> list(JsonFields parent, String name) {
        List<JsonFields> entries = parent.objects(name);
        var list = new ArrayList<Mount>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new Mount(
                            entry.text("destination"),
                            entry.optionalText("type"),
                            entry.optionalText("source"),
                            entry.texts("options"),
                            IdMapping.list(entry, "uidMappings"),
                            IdMapping.list(entry, "gidMappings")));
        }
        return List.copyOf(list);
    }

    /** Whether the options hold "bind" or "rbind"; the type is then a dummy. */
    public boolean isBind() {
        return options.contains("bind") || options.contains("rbind");
    }
}
