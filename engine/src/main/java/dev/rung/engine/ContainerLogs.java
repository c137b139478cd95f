package dev.rung.engine;

import dev.rung.engine.forward.LogTag;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.LogOptions;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What a monitor is told of its container's log. */
final class ContainerLogs {
    private ContainerLogs() {}

    /** Where lines are sent elsewhere, the file here is what they wait in, and are read from. */
    static LogSettings of(ContainerRecord record) {
        String cri = record.host().cri().log();
        if (!cri.isEmpty()) {
            return LogSettings.cri(Path.of(cri));
        }
        LogOptions options = record.host().log();
        return new LogSettings(
                options.isNone() ? LogSettings.Format.NONE : LogSettings.Format.JSON_FILE,
                Container.logName(record.id()),
                options.mostBytes(),
                options.mostFiles(),
                attributes(record));
    }

    /** A JSON object, or nothing; what lines tell that are sent elsewhere is told there. */
    private static String attributes(ContainerRecord record) {
        LogOptions log = record.host().log();
        if (log.sends() || log.isNone()) {
            return "";
        }
        Map<String, String> found =
                new TreeMap<>(log.attributes(record.config(), UnaryOperator.identity()));
        if (!log.option("tag").isEmpty()) {
            found.put("tag", LogTag.of(record, log.option("tag")));
        }
        if (found.isEmpty()) {
            return "";
        }
        JsonWriter json = JsonWriter.compact().beginObject();
        found.forEach(json::field);
        return new String(json.endObject().bytes(), StandardCharsets.UTF_8);
    }
}
