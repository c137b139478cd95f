package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.MonitorFinding;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorVerb;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.monitor.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Processes beside a container's own, each with a monitor of its own: what no front end stands
 * before. One that has ended is known for some minutes more, while this engine lives.
 */
public final class Execs {
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int UNKNOWN = 255;

    private final Registry registry;
    private final Bundles bundles;
    private final Runtimes runtimes;
    private final Spawner spawner;
    private final Supplier<String> freshId;
    private final Events events;
    private final Map<String, Exec> byId = new ConcurrentHashMap<>();

    Execs(
            Registry registry,
            Bundles bundles,
            Runtimes runtimes,
            Spawner spawner,
            Supplier<String> freshId,
            Events events) {
        this.registry = registry;
        this.bundles = bundles;
        this.runtimes = runtimes;
        this.spawner = spawner;
        this.freshId = freshId;
        this.events = events;
    }

    /** The root file system of one that runs. WrongState when it does not, or is paused. */
    static Path root(Container container) {
        var running = container.running();
        if (container.phase() == Phase.PAUSED) {
            throw new Failure.WrongState(
                    "container "
                            + container.id()
                            + " is paused, unpause the container before exec");
        } else if (running == null || container.phase() != Phase.RUNNING) {
            throw new Failure.WrongState("container " + container.id() + " is not running");
        }
        return Path.of("/proc", Integer.toString(running.process().pid()), "root");
    }

    /** Takes an order, which is carried out by {@link #start}. */
    public Exec create(String name, ExecOrder order, boolean input, Set<Output> outputs) {
        Container container = registry.find(name);
        root(container);
        if (order.command().isEmpty()) {
            throw new Failure.Invalid("No exec command specified");
        }
        String id = freshId.get();
        Path own = container.folders.running().resolve("execs").resolve(id);
        var exec =
                new Exec(id, container.id(), order, input, outputs, new ContainerFolders(own, own));
        byId.values().removeIf(Exec::isOld);
        byId.put(id, exec);
        tell(container, exec, "exec_create: " + String.join(" ", order.command()), Map.of());
        return exec;
    }

    private void tell(Container container, Exec exec, String action, Map<String, String> more) {
        var attributes = new HashMap<>(more);
        attributes.put("execID", exec.id());
        events.container(container.record(), action, attributes);
    }

    public Exec find(String id) {
        Exec exec = byId.get(id);
        if (exec == null) {
            throw new Failure.NotFound("No such exec instance: " + Printable.of(id));
        }
        return exec;
    }

    /** Those of a container that run. */
    public List<String> running(ContainerId container) {
        var ids = new ArrayList<String>();
        for (Exec exec : byId.values()) {
            if (exec.container().equals(container) && exec.isRunning()) {
                ids.add(exec.id());
            }
        }
        return ids;
    }

    /**
     * Starts the process. Whoever gets the monitor hears of all that the process writes, passes its
     * last event to {@link #ended}, and closes it. HostRefused in the runtime's words, WrongState
     * when it was started before.
     */
    public Monitor start(Exec exec) {
        Container container = registry.find(exec.container().value());
        Path root = root(container);
        if (!exec.begin()) {
            throw new Failure.WrongState("exec instance " + exec.id() + " was started before");
        }
        ExecOrder order = exec.order();
        ContainerRuntime runtime = runtimes.of(container.record().host().runtime());
        try (var process = bundles.processes().of(runtime, container.record(), order, root)) {
            Monitor monitor =
                    spawner.create(
                            new MonitorOrder(
                                    container.id(),
                                    exec.folders(),
                                    runtime.creator(),
                                    runtime.globals(),
                                    List.of("--process", process.path().toString()),
                                    order.tty()
                                            ? new Streams.Terminal(0, 0)
                                            : new Streams.Pipes(exec.hasInput()),
                                    LogSettings.none(),
                                    true,
                                    new MonitorVerb.Exec(List.of()),
                                    exec.outputs()));
            exec.runs(monitor.running());
            tell(container, exec, "exec_start: " + String.join(" ", order.command()), Map.of());
            return monitor;
        } catch (Failure.HostRefused e) {
            end(exec, code(String.valueOf(e.getMessage())));
            clear(exec);
            throw e;
        }
    }

    private static int code(String why) {
        boolean missing =
                why.contains("executable file not found")
                        || why.contains("no such file or directory");
        return missing ? NOT_FOUND : NOT_EXECUTABLE;
    }

    /**
     * The process has ended so; it is known before anybody can ask. {@link #clear} is to follow,
     * for which nobody has to wait.
     */
    public void ended(Exec exec, MonitorEvent last) {
        end(exec, last instanceof MonitorEvent.Ended(var exit) ? exit.exit().code() : UNKNOWN);
    }

    /** Waits for the end of one that nobody listens to. */
    public void awaitEnd(Exec exec) {
        switch (MonitorFinding.of(exec.folders())) {
            case MonitorFinding.Watched(Monitor monitor) -> {
                try (monitor) {
                    MonitorEvent event = monitor.next();
                    while (!(event instanceof MonitorEvent.Ended)
                            && !(event instanceof MonitorEvent.Lost)) {
                        event = monitor.next();
                    }
                    ended(exec, event);
                }
            }
            case MonitorFinding.Ended(ExitRecord exit) -> end(exec, exit.exit().code());
            default -> end(exec, UNKNOWN);
        }
        clear(exec);
    }

    private void end(Exec exec, int code) {
        exec.ended(code);
        try {
            Container container = registry.find(exec.container().value());
            tell(container, exec, "exec_die", Map.of("exitCode", Integer.toString(code)));
        } catch (Failure.NotFound _) {
            // it went with its container
        }
    }

    /** Gives its terminal another size. WrongState when it does not run. */
    public void resize(Exec exec, int rows, int columns) {
        if (!exec.isRunning()) {
            throw new Failure.WrongState("exec instance " + exec.id() + " is not running");
        }
        try (Monitor monitor = Monitor.connect(exec.folders())) {
            monitor.window(rows, columns);
        }
    }

    /** Removes the files of one that has ended. */
    public void clear(Exec exec) {
        Path folder = exec.folders().running();
        try (var files = Files.newDirectoryStream(folder)) {
            files.forEach(Execs::delete);
        } catch (IOException _) {
            // it goes with the container
        }
        delete(folder);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // it goes with the container
        }
    }
}
