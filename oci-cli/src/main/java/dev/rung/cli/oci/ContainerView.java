package dev.rung.cli.oci;

import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as "state" and "list" show it.
 *
 * @param pid of the first process, 0 when it has ended
 * @param created RFC 3339 with nanoseconds
 * @param owner name of the user who owns the state, "#" and the uid when it has none; null: not
 *     looked up
 */
record ContainerView(
        String ociVersion,
        String id,
        int pid,
        String status,
        String bundle,
        String rootfs,
        String created,
        Map<String, String> annotations,
        @Nullable String owner) {
    private static final int LEAST_WIDTH = 12;
    private static final int GAP = 3;

    private void write(JsonWriter writer) {
        writer.beginObject()
                .field("ociVersion", ociVersion)
                .field("id", id)
                .field("pid", pid)
                .field("status", status)
                .field("bundle", bundle)
                .field("rootfs", rootfs)
                .field("created", created)
                .optional("annotations", annotations)
                .field("owner", owner == null ? "" : owner)
                .endObject();
    }

    /** As "state" prints it, without a line feed at the end. */
    byte[] json() {
        var writer = JsonWriter.indented("  ");
        write(writer);
        return writer.bytes();
    }

    /** As "list --format json" prints them: one line, "null" when there are none. */
    static byte[] json(List<ContainerView> containers) {
        if (containers.isEmpty()) {
            return "null\n".getBytes(StandardCharsets.UTF_8);
        }
        var writer = JsonWriter.compact().beginArray();
        for (ContainerView container : containers) {
            container.write(writer);
        }
        return (new String(writer.endArray().bytes(), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** As "list" prints them, columns at least twelve wide. */
    static String table(List<ContainerView> containers) {
        var rows = new String[containers.size() + 1][];
        rows[0] = new String[] {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"};
        for (int i = 0; i < containers.size(); i++) {
            ContainerView c = containers.get(i);
            rows[i + 1] =
                    new String[] {
                        c.id,
                        Integer.toString(c.pid),
                        c.status,
                        c.bundle,
                        c.created,
                        c.owner == null ? "" : c.owner
                    };
        }
        var widths = new int[rows[0].length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], Math.max(LEAST_WIDTH, length(row[i]) + GAP));
            }
        }
        var table = new StringBuilder();
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                table.append(row[i]);
                if (i < row.length - 1) {
                    table.repeat(" ", widths[i] - length(row[i]));
                }
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
