package dev.rung.engine.record;

import dev.rung.network.cni.Capabilities;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pod asks of the CNI network that it joins.
 *
 * @param arguments CNI_ARGS, such as K8S_POD_NAME
 * @param capabilities what plugins that can do it are asked for, such as port mappings
 */
public record CniWish(Map<String, String> arguments, Capabilities capabilities) {
    public CniWish {
        arguments = Map.copyOf(arguments);
    }

    static @Nullable CniWish read(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        JsonFields asked = fields.object("capabilities");
        return new CniWish(fields.textMap("arguments"), Capabilities.of(asked.json()));
    }

    void write(JsonWriter to) {
        to.beginObject().name("arguments").beginObject();
        arguments.forEach(to::field);
        to.endObject().name("capabilities").value(capabilities.json()).endObject();
    }
}
