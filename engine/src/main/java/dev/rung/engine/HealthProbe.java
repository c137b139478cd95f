package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorVerb;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.monitor.Streams;
import dev.rung.engine.spec.HealthCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs the test of a container in it, with a monitor of its own. */
final class HealthProbe {
    private static final String LOG = "output";
    private static final int LOG_BYTES = 64 * 1024;
    private static final int MOST_OUTPUT = 4096;

    private final Spawner spawner;
    private final Bundles bundles;
    private final Runtimes runtimes;
    private final Clock clock;

    HealthProbe(Spawner spawner, Bundles bundles, Runtimes runtimes, Clock clock) {
        this.spawner = spawner;
        this.bundles = bundles;
        this.runtimes = runtimes;
        this.clock = clock;
    }

    /** Waits for its end, or for the time that it has at most. */
    Health.Result run(Container container, HealthCheck check) {
        Instant start = clock.instant();
        try {
            return tested(container, check, start);
        } catch (Failure e) {
            return new Health.Result(start, clock.instant(), -1, String.valueOf(e.getMessage()));
        }
    }

    private Health.Result tested(Container container, HealthCheck check, Instant start) {
        var running = container.running();
        if (running == null) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        Path root = Path.of("/proc", Integer.toString(running.process().pid()), "root");
        var order = new ExecOrder(check.argv(), List.of(), "", "", false, true, false);
        Path own = container.folders.running().resolve("health");
        var folders = new ContainerFolders(own, own);
        forget(own.resolve(LOG));
        ContainerRuntime runtime = runtimes.of(container.record().host().runtime());
        var log = new LogSettings(LogSettings.Format.JSON_FILE, LOG, LOG_BYTES, 1, "");
        int code;
        try (var process = bundles.processes().of(runtime, container.record(), order, root);
                Monitor monitor =
                        spawner.create(
                                new MonitorOrder(
                                        container.id(),
                                        folders,
                                        runtime.creator(),
                                        runtime.globals(),
                                        List.of("--process", process.path().toString()),
                                        new Streams.Pipes(false),
                                        log,
                                        true,
                                        new MonitorVerb.Exec(List.of()),
                                        Set.of()))) {
            code = await(monitor, check.timeout());
        }
        String output =
                code == -1
                        ? "Health check exceeded timeout (" + text(check.timeout()) + ")"
                        : output(own.resolve(LOG));
        return new Health.Result(start, clock.instant(), code, output);
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }

    /** The exit code; -1 when the time was over before. */
    private static int await(Monitor monitor, Duration timeout) {
        var late = new AtomicBoolean();
        Thread timer =
                Thread.ofVirtual()
                        .name("health timer")
                        .start(() -> {
                            try {
                                Thread.sleep(timeout);
                                late.set(true);
                                monitor.running().process().kill();
                            } catch (InterruptedException _) {
                                // it has ended in time
                            }
                        });
        try {
            while (true) {
                switch (monitor.next()) {
                    case MonitorEvent.Ended ended -> {
                        return late.get() ? -1 : ended.exit().exit().code();
                    }
                    case MonitorEvent.Lost() ->
                            throw new Failure.Unavailable("the test's monitor was killed", null);
                    default -> {}
                }
            }
        } finally {
            timer.interrupt();
        }
    }

    private static String output(Path log) {
        var text = new StringBuilder();
        var all = new LogLines.Wanted(Long.MAX_VALUE, null, null);
        try (var lines = new LogLines(log, all)) {
            lines.all(line -> {
                if (text.length() < MOST_OUTPUT) {
                    text.append(line.text());
                }
            });
        }
        return text.length() > MOST_OUTPUT ? text.substring(0, MOST_OUTPUT) : text.toString();
    }

    private static void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // it goes with the container
        }
    }
}
