package dev.rung.tests.monitor;

import dev.rung.cli.oci.CommandLine;
import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorRuntime;
import dev.rung.engine.monitor.MonitorVerb;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.monitor.Streams;
import dev.rung.testkit.Bundle;
import dev.rung.testkit.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a daemon is to monitors: a spawner, and this JVM to answer the hand-overs. */
final class MonitorRoom {
    static final Path EXECUTOR = Path.of(".rung/bin/rung-oci").toAbsolutePath();
    static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    static final String LOG = "json.log";
    static final Streams PIPES = new Streams.Pipes(false);
    static final Streams INPUT = new Streams.Pipes(true);

    private final Sandbox sandbox;
    private final Spawner spawner;

    MonitorRoom(Sandbox sandbox) {
        this.sandbox = sandbox;
        spawner = Spawner.start(EXECUTOR, ENVIRONMENT, new CommandLine(), new FrontEnds());
        sandbox.atTheEnd(spawner::close);
    }

    /** A monitored container that runs a shell script. */
    Watched shell(String script) {
        return watch(order(sandbox.bundle().args("sh", "-c", script)));
    }

    Watched watch(MonitorOrder order) {
        return new Watched(sandbox, order, create(order));
    }

    Monitor create(MonitorOrder order) {
        Monitor monitor = spawner.create(order);
        synchronized (this) {
            sandbox.atTheEnd(monitor::close);
        }
        return monitor;
    }

    MonitorOrder order(Bundle bundle) {
        return order(bundle, PIPES, LogSettings.json(LOG));
    }

    MonitorOrder order(Bundle bundle, Streams streams, LogSettings log) {
        return order(bundle, new MonitorRuntime.Host(), streams, log);
    }

    MonitorOrder order(Bundle bundle, MonitorRuntime runtime, Streams streams, LogSettings log) {
        String id = sandbox.newId();
        return new MonitorOrder(
                new ContainerId(id),
                folders(id),
                runtime,
                List.of("--root", sandbox.runtime().root().toString()),
                List.of("--bundle", bundle.write().folder().toString()),
                streams,
                log,
                false);
    }

    /** A process in a container that runs. */
    MonitorOrder exec(Watched container, Streams streams, List<String> options, String... words) {
        return new MonitorOrder(
                container.order.id(),
                folders(sandbox.newId()),
                container.order.runtime(),
                container.order.globals(),
                options,
                streams,
                new LogSettings(LogSettings.Format.NONE, LOG, 0, 1, ""),
                true,
                new MonitorVerb.Exec(List.of(words)),
                Set.of());
    }

    ContainerFolders folders(String id) {
        return new ContainerFolders(
                sandbox.folder().resolve("lib-" + id), sandbox.folder().resolve("run-" + id));
    }

    /** A container, its monitor and what both said. */
    static final class Watched {
        private final Sandbox sandbox;
        private final MonitorOrder order;
        private final Monitor monitor;

        Watched(Sandbox sandbox, MonitorOrder order, Monitor monitor) {
            this.sandbox = sandbox;
            this.order = order;
            this.monitor = monitor;
        }

        Monitor monitor() {
            return monitor;
        }

        ContainerFolders folders() {
            return order.folders();
        }

        long pid() {
            return monitor.running().process().pid();
        }

        long monitorPid() {
            return monitor.running().monitor().pid();
        }

        /** Attaches, then lets the container's program begin. */
        Listener listen() {
            var listener = new Listener(monitor);
            monitor.attach(EnumSet.allOf(Output.class), Duration.ofSeconds(20));
            listener.awaitAttached();
            return listener;
        }

        Listener run() {
            Listener listener = listen();
            start();
            return listener;
        }

        void start() {
            call("start", order.id().value());
        }

        void signal(String name) {
            call("kill", order.id().value(), name);
        }

        void call(String... arguments) {
            sandbox.runtime().command(arguments).succeed();
        }

        String log() {
            return log(order.log().name());
        }

        String log(String name) {
            try {
                return Files.readString(order.folders().durable().resolve(name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
