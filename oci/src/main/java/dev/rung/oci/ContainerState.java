package dev.rung.oci;

import dev.rung.oci.json.JsonWriter;
import java.util.Map;

/**
 * The state that hooks read from their stdin (runtime.md "State").
 *
 * @param pid as seen by the runtime; 0, and not written, when there is no process
 * @param bundle an absolute path
 */
public record ContainerState(
        String ociVersion,
        String id,
        ContainerStatus status,
        long pid,
        String bundle,
        Map<String, String> annotations) {

    /** On one line. */
    public byte[] json() {
        var writer = JsonWriter.compact();
        write(writer);
        return writer.bytes();
    }

    public void write(JsonWriter writer) {
        begin(writer);
        if (pid != 0) {
            writer.field("pid", pid);
        }
        end(writer);
    }

    /**
     * Writes the state of a process that is not yet there: in the place of its number stand blanks,
     * as many as {@code width}.
     *
     * @return where the blanks begin in the writer's bytes
     */
    public int writeWithoutPid(JsonWriter writer, int width) {
        begin(writer);
        int hole = writer.hole("pid", width);
        end(writer);
        return hole;
    }

    private void begin(JsonWriter writer) {
        writer.beginObject()
                .field("ociVersion", ociVersion)
                .field("id", id)
                .field("status", status.toString());
    }

    private void end(JsonWriter writer) {
        writer.field("bundle", bundle).optional("annotations", annotations).endObject();
    }
}
