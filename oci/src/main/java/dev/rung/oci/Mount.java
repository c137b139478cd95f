package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of "mounts" (config.md "Mounts").
 *
 * @param destination the path inside; a relative one is meant from "/" (deprecated)
 * @param options as written, but for mappings in an idmap option, which stand in the mappings
 *     below; what they mean is for the runtime to say
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
            list.add(of(entry));
        }
        return List.copyOf(list);
    }

    private static Mount of(JsonFields fields) {
        List<String> options = fields.texts("options");
        List<IdMapping> uids = IdMapping.list(fields, "uidMappings");
        List<IdMapping> gids = IdMapping.list(fields, "gidMappings");
        for (int i = 0; i < options.size(); i++) {
            if (IdMapOption.is(options.get(i))) {
                IdMapOption given = idMapOption(fields, i, options.get(i));
                options = new ArrayList<>(options);
                options.set(i, given.option());
                uids = uids.isEmpty() ? given.uids() : uids;
                gids = gids.isEmpty() ? given.gids() : gids;
            }
        }
        return new Mount(
                fields.text("destination"),
                fields.optionalText("type"),
                fields.optionalText("source"),
                Collections.unmodifiableList(options),
                uids,
                gids);
    }

    private static IdMapOption idMapOption(JsonFields fields, int index, String text) {
        try {
            return IdMapOption.of(text);
        } catch (Failure.Invalid reason) {
            throw fields.invalid("options", index, String.valueOf(reason.getMessage()));
        }
    }

    /** Whether the options hold "bind" or "rbind"; the type is then a dummy. */
    public boolean isBind() {
        return options.contains("bind") || options.contains("rbind");
    }
}
