package dev.rung.cri.streaming;

import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a command ended, as the error stream tells it.
 *
 * @param code its exit code
 * @param failure why it did not run, null: it did
 */
record ExitNote(int code, @Nullable String failure) {
    private static final int INTERNAL = 500;

    /** From v4 on: a Status object of Kubernetes. */
    byte[] status() {
        var to = JsonWriter.compact().beginObject();
        to.name("metadata").beginObject().endObject();
        if (failure != null) {
            to.field("status", "Failure").field("message", failure);
            to.field("reason", "InternalError").field("code", INTERNAL);
        } else if (code == 0) {
            to.field("status", "Success");
        } else {
            to.field("status", "Failure").field("message", text());
            to.field("reason", "NonZeroExitCode").name("details").beginObject();
            to.name("causes").beginArray().beginObject().field("reason", "ExitCode");
            to.field("message", Integer.toString(code)).endObject().endArray().endObject();
        }
        return to.endObject().bytes();
    }

    /** Before v4: words, or nothing when all is well. */
    byte[] words() {
        String words = failure != null ? failure : code == 0 ? "" : text();
        return words.getBytes(StandardCharsets.UTF_8);
    }

    private String text() {
        return "command terminated with non-zero exit code: exit code " + code;
    }
}
