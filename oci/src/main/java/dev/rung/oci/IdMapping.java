package dev.rung.oci;

import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of user or group ids (config-linux.md "User namespace mappings"), each number 32 bits
 * without a sign.
 *
 * @param containerId the first id inside
 * @param hostId the first id outside
 * @param size how many ids follow one another
 */
public record IdMapping(long containerId, long hostId, long size) {
    static List<IdMapping> list(JsonFields parent, String name) {
        List<JsonFields> entries = parent.objects(name);
        if (entries.isEmpty()) {
            return List.of();
        }
        var list = new ArrayList<IdMapping>(entries.size());
        for (JsonFields entry : entries) {
            list.add(
                    new IdMapping(
                            entry.integer("containerID", 0, JsonFields.MAX_UINT32),
                            entry.integer("hostID", 0, JsonFields.MAX_UINT32),
                            entry.integer("size", 0, JsonFields.MAX_UINT32)));
        }
        return List.copyOf(list);
    }
}
