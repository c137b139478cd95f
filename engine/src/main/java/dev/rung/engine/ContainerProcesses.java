package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.LogSettings;
import dev.rung.engine.monitor.Monitor;
import dev.rung.engine.monitor.MonitorEvent;
import dev.rung.engine.monitor.MonitorOrder;
import dev.rung.engine.monitor.MonitorVerb;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.ProcessIdentity;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.engine.monitor.Spawner;
import dev.rung.engine.monitor.Streams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs further processes in containers, each with a monitor of its own, for whoever reads what they
 * write in this JVM.
 */
public final class ContainerProcesses {
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);

    private final Registry registry;
    private final Bundles bundles;
    private final Runtimes runtimes;
    private final Spawner spawner;

    ContainerProcesses(Registry registry, Bundles bundles, Runtimes runtimes, Spawner spawner) {
        this.registry = registry;
        this.bundles = bundles;
        this.runtimes = runtimes;
        this.spawner = spawner;
    }

    /** A process that runs, or has ended. One thread takes its events; others may write. */
    public static final class Running implements AutoCloseable {
        private final @Nullable Path folder;
        private final Monitor monitor;
        private final boolean endsInput;

        private Running(@Nullable Path folder, Monitor monitor, boolean endsInput) {
            this.folder = folder;
            this.monitor = monitor;
            this.endsInput = endsInput;
        }

        /** Whether its stdin ends with that of who is attached to it. */
        public boolean endsInput() {
            return endsInput;
        }

        /** Waits for what happens next; all that the process writes is told from its first byte. */
        public MonitorEvent next() {
            return monitor.next();
        }

        /** Writes to its stdin. */
        public void input(ByteBuffer bytes) {
            monitor.input(bytes);
        }

        /** Closes its stdin. */
        public void closeInput() {
            monitor.closeInput();
        }

        /** Gives its terminal another size. */
        public void window(int rows, int columns) {
            monitor.window(rows, columns);
        }

        /** Ends it, and all that it has begun. */
        public void kill() {
            ProcessIdentity leader = monitor.running().process();
            ProcessSession.kill(leader);
        }

        /** Hears no more of it: the next event is its loss. The process goes on. */
        public void disconnect() {
            monitor.close();
        }

        @Override
        public void close() {
            monitor.close();
            if (folder != null) {
                // nobody waits for it
                Thread.ofVirtual().name("clear " + folder).start(() -> clear(folder));
            }
        }

        private static void clear(Path folder) {
            try {
                Lifecycle.removeFolder(folder);
            } catch (Failure _) {
                // it goes with the container
            }
        }
    }

    /** The container's own process, from now on. WrongState when it does not run. */
    public Running attach(String name) {
        Container container = registry.find(name);
        if (!container.phase().runs()) {
            throw new Failure.WrongState(
                    "container " + container.id() + " is in the state " + container.phase());
        }
        Monitor monitor = Monitor.connect(container.folders);
        monitor.attach(EnumSet.allOf(Output.class), LONGEST_PATIENCE);
        return new Running(null, monitor, container.record().config().stdinOnce());
    }

    /**
     * Starts a process. WrongState when the container does not run, HostRefused in the runtime's
     * words when there is no such program.
     */
    public Running start(String name, ExecOrder order, Streams streams) {
        Container container = registry.find(name);
        RunningRecord running = container.running();
        if (running == null || container.phase() != Phase.RUNNING) {
            throw new Failure.WrongState(
                    "container " + container.id() + " is in the state " + container.phase());
        }
        Path root = Path.of("/proc", Integer.toString(running.process().pid()), "root");
        ContainerRuntime runtime = runtimes.of(container.record().host().runtime());
        Path own = null;
        try (var process = bundles.processes().of(runtime, container.record(), order, root)) {
            own = Files.createTempDirectory(container.folders.running(), "process-");
            Monitor monitor =
                    spawner.create(
                            new MonitorOrder(
                                    container.id(),
                                    new ContainerFolders(own, own),
                                    runtime.creator(),
                                    runtime.globals(),
                                    List.of("--process", process.path().toString()),
                                    streams,
                                    LogSettings.none(),
                                    true,
                                    new MonitorVerb.Exec(List.of()),
                                    EnumSet.allOf(Output.class)));
            return new Running(own, monitor, true);
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "make the folder of a process in " + container.id() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            if (own != null) {
                Lifecycle.removeFolder(own);
            }
            throw e;
        }
    }
}
