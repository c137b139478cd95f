package dev.rung.bench;

import static dev.rung.bench.EngineRoom.DOCKER;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Engines that take turns, each asked at its socket of Docker's API. */
final class Turns {
    private final Map<String, Path> sockets;
    private final Report report;

    Turns(Map<String, Path> sockets, Report report) {
        this.sockets = sockets;
        this.report = report;
    }

    /** Has each do it so often, after two that do not count, and reports. */
    void measure(String title, String phase, double most, int times, Consumer<ApiClient> act) {
        measure(title, phase, most, times, _ -> {}, act);
    }

    /** The same, with something before each time that is not measured. */
    void measure(
            String title,
            String phase,
            double most,
            int times,
            Consumer<ApiClient> before,
            Consumer<ApiClient> act) {
        var taken = new LinkedHashMap<String, double[]>();
        for (int round = -2; round < times; round++) {
            for (Map.Entry<String, Path> each : sockets.entrySet()) {
                var client = new ApiClient(each.getValue());
                before.accept(client);
                long begin = System.nanoTime();
                act.accept(client);
                double micros = (System.nanoTime() - begin) / 1000.0;
                if (round >= 0) {
                    taken.computeIfAbsent(each.getKey(), _ -> new double[times])[round] = micros;
                }
            }
        }
        report.head(title);
        var timings = new ArrayList<Timing>();
        taken.forEach((name, all) -> {
            Arrays.sort(all);
            double median = all[times / 2];
            timings.add(new Timing(name, phase, times, 0, all[0], median, all[times - 1]));
        });
        report.timings(timings);
        report.ratio(timings, phase, DOCKER, most);
    }
}
