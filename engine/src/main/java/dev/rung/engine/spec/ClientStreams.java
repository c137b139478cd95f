package dev.rung.engine.spec;

import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.List;

/**
 * What the client that made a container said of its own streams: it is shown again, and a terminal
 * has that size at first.
 *
 * @param stdin whether it was to be attached to stdin; the other two likewise
 * @param rows 0: it did not say
 */
public record ClientStreams(boolean stdin, boolean stdout, boolean stderr, int rows, int columns) {
    private static final int MOST = 0xffff;

    /** It said nothing. */
    public static final ClientStreams NONE = new ClientStreams(false, false, false, 0, 0);

    /** The fields of Docker's Config; the size stands elsewhere. */
    static ClientStreams read(JsonFields fields) {
        return new ClientStreams(
                        fields.flag("AttachStdin"),
                        fields.flag("AttachStdout"),
                        fields.flag("AttachStderr"),
                        0,
                        0)
                .sized(fields.unsigned32s("ConsoleSize"));
    }

    /** The same with the size of a terminal, rows first. */
    public ClientStreams sized(List<Long> size) {
        return size.size() == 2
                ? new ClientStreams(stdin, stdout, stderr, side(size.get(0)), side(size.get(1)))
                : this;
    }

    private static int side(long asked) {
        return (int) Math.min(asked, MOST);
    }

    void write(JsonWriter to) {
        to.field("AttachStdin", stdin).field("AttachStdout", stdout).field("AttachStderr", stderr);
        to.name("ConsoleSize").beginArray().value(rows).value(columns).endArray();
    }
}
