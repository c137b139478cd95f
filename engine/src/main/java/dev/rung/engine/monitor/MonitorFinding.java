package dev.rung.engine.monitor;

import dev.rung.domain.Failure;
import java.util.Optional;

/** What there is of a container and its monitor, such as after the daemon was away. */
public sealed interface MonitorFinding {
    /** The monitor runs; the container has been created, and may be about to end. */
    record Watched(Monitor monitor) implements MonitorFinding {}

    /** The container has ended. */
    record Ended(ExitRecord exit) implements MonitorFinding {}

    /**
     * The monitor was killed while the container's process lives on. Its end can be waited for, but
     * its exit status will not be known; what it writes to stdout and stderr is lost.
     */
    record Unwatched(RunningRecord running) implements MonitorFinding {}

    /** Neither is there, and the exit status is not known: both were killed, or by a reboot. */
    record Vanished(RunningRecord running) implements MonitorFinding {}

    /** Nothing was ever created, or it was not finished. */
    record Nothing() implements MonitorFinding {}

    /** Looks. */
    static MonitorFinding of(ContainerFolders folders) {
        try {
            return new Watched(Monitor.connect(folders));
        } catch (Failure.NotFound | Failure.HostRefused e) {
            // the exit record is safe before the monitor takes its socket away
            Optional<ExitRecord> exit = ExitRecord.read(folders);
            if (exit.isPresent()) {
                return new Ended(exit.get());
            }
            Optional<RunningRecord> running = RunningRecord.read(folders);
            if (running.isEmpty()) {
                return new Nothing();
            }
            return running.get().process().isAlive()
                    ? new Unwatched(running.get())
                    : new Vanished(running.get());
        }
    }
}
