package dev.rung.cli.oci;

import dev.rung.domain.Printable;
import dev.rung.host.cgroup.CgroupFiles;
import dev.rung.host.compile.ResctrlGroup;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the resctrl file system says: of a container's groups, as the "intel_rdt" of runc's events
 * has it, and of why it refused something.
 */
final class ResctrlView {
    private final CgroupFiles files;
    private final String mountPoint;

    ResctrlView(CgroupFiles files, String mountPoint) {
        this.files = files;
        this.mountPoint = mountPoint;
    }

    /** The file system that holds a group, which may be its root. */
    static ResctrlView around(ResctrlGroup group, CgroupFiles files) {
        String folder = group.folder();
        boolean root = files.folders(folder).contains("info");
        return new ResctrlView(
                files, root ? folder : folder.substring(0, Math.max(folder.lastIndexOf('/'), 0)));
    }

    /**
     * Why the last command failed, in the kernel's words behind a comma; empty when it does not
     * say.
     */
    String reason() {
        String status = files.read(mountPoint + "/info/last_cmd_status");
        String text = status == null ? "" : status.strip();
        return text.isEmpty() || text.equals("ok")
                ? ""
                : ", last_cmd_status: " + Printable.of(text);
    }

    /** Writes the fields of "intel_rdt". */
    void write(JsonWriter writer, ResctrlGroup group) {
        List<String> all = lines(mountPoint);
        List<String> own = lines(group.folder());
        List<String> info = files.folders(mountPoint + "/info");
        if (info.contains("L3")) {
            writer.name("l3_cache_info").beginObject();
            String mask = files.read(mountPoint + "/info/L3/cbm_mask");
            writer.optional("cbm_mask", mask == null ? null : mask.strip());
            numbers(writer, "/info/L3/", "min_cbm_bits", "num_closids");
            writer.endObject();
            writer.optional("l3_cache_schema_root", last(all, "L3"));
            writer.optional("l3_cache_schema", last(own, "L3"));
        }
        if (info.contains("MB")) {
            writer.name("mem_bw_info").beginObject();
            numbers(
                    writer,
                    "/info/MB/",
                    "bandwidth_gran",
                    "delay_linear",
                    "min_bandwidth",
                    "num_closids");
            writer.endObject();
            writer.optional("mem_bw_schema_root", last(all, "MB"));
            writer.optional("mem_bw_schema", last(own, "MB"));
        }
        if (!own.isEmpty()) {
            writer.name("schemata").beginArray();
            for (String line : own) {
                writer.value(line);
            }
            writer.endArray();
        }
        if (info.contains("L3_MON")) {
            String monitored = group.monitoring();
            String data = (monitored == null ? group.folder() : monitored) + "/mon_data";
            monitoring(writer, "mbm_stats", data, "mbm_total_bytes", "mbm_local_bytes");
            monitoring(writer, "cmt_stats", data, "llc_occupancy");
        }
    }

    /** An object for each cache, when the machine counts any of these. */
    private void monitoring(JsonWriter writer, String name, String data, String... counters) {
        String features = files.read(mountPoint + "/info/L3_MON/mon_features");
        List<String> counted = features == null ? List.of() : features.lines().toList();
        boolean begun = false;
        for (String counter : counters) {
            begun |= counted.contains(counter);
        }
        if (!begun) {
            return;
        }
        writer.name(name).beginArray();
        for (String cache : files.folders(data)) {
            writer.beginObject();
            for (String counter : counters) {
                String count = digits(files.read(data + "/" + cache + "/" + counter));
                number(writer.name(counter), count.isEmpty() ? "0" : count);
            }
            writer.endObject();
        }
        writer.endArray();
    }

    /** Those that are above zero, as runc leaves the others out. */
    private void numbers(JsonWriter writer, String folder, String... names) {
        for (String name : names) {
            String text = digits(files.read(mountPoint + folder + name));
            if (!text.isEmpty() && !text.equals("0")) {
                number(writer.name(name), text);
            }
        }
    }

    /** Empty when it is no number: a counter may say "Unavailable". */
    private static String digits(@Nullable String text) {
        String stripped = text == null ? "" : text.strip();
        return GoSyntax.unsigned(stripped) == null ? "" : stripped;
    }

    private static void number(JsonWriter writer, String digits) {
        writer.value(Json.read("", digits.getBytes(StandardCharsets.US_ASCII)));
    }

    private List<String> lines(String folder) {
        String schemata = files.read(folder + "/schemata");
        return schemata == null || schemata.isBlank()
                ? List.of()
                : schemata.strip().lines().toList();
    }

    private static @Nullable String last(List<String> lines, String resource) {
        String found = null;
        for (String line : lines) {
            if (line.contains(resource)) {
                found = line.strip();
            }
        }
        return found;
    }
}
