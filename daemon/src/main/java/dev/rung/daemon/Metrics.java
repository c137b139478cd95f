package dev.rung.daemon;

import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;

/** How the engine goes, as OpenMetrics 1.0 writes it. */
final class Metrics {
    private static final int KIB = 1024;
    private static final double NANOS = 1e9;

    private Metrics() {}

    static String text(Containers containers) {
        var out = new StringBuilder();
        var counts = new EnumMap<Phase, Integer>(Phase.class);
        long restarts = 0;
        for (ContainerView view : containers.list()) {
            counts.merge(view.phase(), 1, Integer::sum);
            restarts += view.record().restarts();
        }
        head(out, "rung_containers", "gauge", "Containers by state.");
        for (Phase phase : Phase.values()) {
            String state = phase.name().toLowerCase(Locale.ROOT);
            line(out, "rung_containers{state=\"" + state + "\"}", counts.getOrDefault(phase, 0));
        }
        head(
                out,
                "rung_container_restarts",
                "gauge",
                "Restarts by a policy of those that are there.");
        line(out, "rung_container_restarts", restarts);
        head(out, "rung_container_starts", "counter", "Starts since the engine began.");
        line(out, "rung_container_starts_total", containers.starts());
        head(out, "process_start_time_seconds", "gauge", "When the engine began.");
        ProcessHandle own = ProcessHandle.current();
        own.info()
                .startInstant()
                .ifPresent(
                        start -> line(out, "process_start_time_seconds", start.getEpochSecond()));
        head(out, "process_cpu_seconds", "counter", "Processor time of the engine.");
        own.info()
                .totalCpuDuration()
                .ifPresent(time ->
                        out.append("process_cpu_seconds_total ")
                                .append(time.toNanos() / NANOS)
                                .append('\n'));
        head(out, "process_resident_memory_bytes", "gauge", "Memory of the engine.");
        line(out, "process_resident_memory_bytes", resident());
        return out.append("# EOF\n").toString();
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    }

    private static void line(StringBuilder out, String name, long value) {
        out.append(name).append(' ').append(value).append('\n');
    }

    /** 0 where it cannot be read (proc(5), VmRSS). */
    private static long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    String number = line.substring(6, line.lastIndexOf(' ')).strip();
                    return Long.parseLong(number) * KIB;
                }
            }
            return 0;
        } catch (IOException _) {
            return 0;
        }
    }
}
