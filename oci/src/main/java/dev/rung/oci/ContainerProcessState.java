package dev.rung.oci;

import dev.rung.oci.json.JsonWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a seccomp agent gets with the listener's descriptor (config-linux.md "The Container Process
 * State"). The pid is that of the state.
 *
 * @param fds names of the descriptors passed along, in their order: "seccompFd"
 */
public record ContainerProcessState(
        String ociVersion, List<String> fds, @Nullable String metadata, ContainerState state) {

    /** The name of the listener among the descriptors. */
    public static final String SECCOMP_FD = "seccompFd";

    /** Where the two numbers are missing, in the writer's bytes. */
    public record PidPlaces(int pid, int statePid) {}

    /** On one line. */
    public byte[] json() {
        var writer = JsonWriter.compact();
        begin(writer);
        writer.field("pid", state.pid());
        middle(writer);
        state.write(writer);
        writer.endObject();
        return writer.bytes();
    }

    /** As {@link ContainerState#writeWithoutPid}. */
    public PidPlaces writeWithoutPid(JsonWriter writer, int width) {
        begin(writer);
        int pid = writer.hole("pid", width);
        middle(writer);
        int statePid = state.writeWithoutPid(writer, width);
        writer.endObject();
        return new PidPlaces(pid, statePid);
    }

    private void begin(JsonWriter writer) {
        writer.beginObject().field("ociVersion", ociVersion).field("fds", fds);
    }

    private void middle(JsonWriter writer) {
        writer.optional("metadata", metadata).name("state");
    }
}
