package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.engine.monitor.FrontEnds;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.RestartPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Ends containers, for a while or for good. */
final class Endings {
    private static final Duration DEFAULT_STOP_TIME = Duration.ofSeconds(10);
    private static final long BETWEEN_TRIES_MS = 200;
    private static final Duration KILL_TIME = Duration.ofSeconds(10);

    private final Registry registry;
    private final RecordFolder records;
    private final Lifecycle lifecycle;
    private final Freezer freezer;
    private final FrontEnds frontEnds;
    private final Events events;
    private final Step.Listener steps;

    Endings(
            Registry registry,
            RecordFolder records,
            Lifecycle lifecycle,
            Freezer freezer,
            FrontEnds frontEnds,
            Events events,
            Step.Listener steps) {
        this.registry = registry;
        this.records = records;
        this.lifecycle = lifecycle;
        this.freezer = freezer;
        this.frontEnds = frontEnds;
        this.events = events;
        this.steps = steps;
    }

    /**
     * Sends a signal, and waits for the end when it is SIGKILL. WrongState when it does not run.
     */
    void kill(String name, int signal) {
        Container container = registry.find(name);
        if (!container.phase().runs()) {
            throw new Failure.WrongState(
                    "cannot kill container: "
                            + name
                            + ": container "
                            + container.id()
                            + " is not running");
        }
        if (signal == Signals.KILL) {
            byPerson(container);
            killAndAwait(container);
        } else {
            lifecycle.runtime(container).kill(container.id(), signal);
            killed(container, signal);
        }
    }

    private void killAndAwait(Container container) {
        CompletableFuture<Integer> ended = container.ended();
        if (signalled(container, Signals.KILL) && !awaits(ended, KILL_TIME)) {
            throw new Failure.Unavailable(
                    "container " + container.id() + " does not end, not even by SIGKILL", null);
        }
    }

    private void killed(Container container, int signal) {
        events.container(container.record(), "kill", Map.of("signal", Integer.toString(signal)));
    }

    /**
     * Whoever starts it meanwhile gives up, however long a hook would take. The hooks that are
     * called on its way back are left alone.
     */
    private void lockToEnd(Container container) {
        boolean ended = false;
        try {
            while (!container.lock.tryLock(BETWEEN_TRIES_MS, TimeUnit.MILLISECONDS)) {
                ended = ended || endHooks(container);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private boolean endHooks(Container container) {
        RunningRecord running = container.running();
        return container.giveUpStart()
                && frontEnds.endHooks(
                        container.id(), running == null ? 0 : running.process().pid());
    }

    private void byPerson(Container container) {
        lockToEnd(container);
        try {
            if (!container.record().stopped()) {
                container.record(container.record().stoppedByPerson());
                if (container.record().host().restart().when() != RestartPolicy.When.NO) {
                    records.write(container.record(), true); // else nobody would ask for it
                }
                steps.done(Step.STOP_RECORDED, container.id());
            }
            if (container.phase() == Phase.RESTARTING) {
                container.phase(Phase.EXITED);
            }
        } finally {
            container.lock.unlock();
        }
    }

    /**
     * Ends a container: its stop signal, and SIGKILL when it still runs after a time.
     *
     * @param patience null: the container's own
     */
    void stop(String name, @Nullable Duration patience) {
        Container container = registry.find(name);
        byPerson(container);
        if (!container.phase().runs()) {
            return;
        }
        ContainerConfig config = container.record().config();
        Long own = config.stopTimeoutSeconds();
        Duration time =
                patience != null
                        ? patience
                        : own == null ? DEFAULT_STOP_TIME : Duration.ofSeconds(own);
        CompletableFuture<Integer> ended = container.ended();
        end(container, config, time, ended);
        events.container(container.record(), "stop");
    }

    private void end(
            Container container,
            ContainerConfig config,
            Duration time,
            CompletableFuture<Integer> ended) {
        int signal =
                config.stopSignal().isEmpty() ? Signals.TERM : Signals.parse(config.stopSignal());
        if (!signalled(container, signal) || awaits(ended, time)) {
            return;
        }
        killAndAwait(container);
    }

    /** False when it had ended before. */
    private boolean signalled(Container container, int signal) {
        try {
            lifecycle.runtime(container).kill(container.id(), signal);
            killed(container, signal);
            if (container.phase() == Phase.PAUSED) {
                freezer.resume(container);
            }
            return true;
        } catch (Failure.WrongState e) {
            return true; // it has ended just now, which the monitor is about to tell
        } catch (Failure.HostRefused e) {
            if (!container.phase().runs()) {
                return false;
            }
            throw e;
        }
    }

    /** A negative time is for ever. */
    private static boolean awaits(CompletableFuture<Integer> ended, Duration time) {
        try {
            if (time.isNegative()) {
                ended.get();
            } else {
                ended.get(time.toMillis(), TimeUnit.MILLISECONDS);
            }
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /**
     * Removes a container.
     *
     * @param force ends it first where it runs
     * @param withVolumes whether its anonymous volumes go with it
     */
    void remove(String name, boolean force, boolean withVolumes) {
        Container container = registry.find(name);
        do {
            if (container.phase().runs() && force) {
                endForRemoval(container);
            } else if (!force) {
                checkRemovable(container);
            }
        } while (!isRemoved(container, force, withVolumes));
    }

    private static void checkRemovable(Container container) {
        boolean restarts = container.phase() == Phase.RESTARTING;
        if (container.phase().runs() || restarts) {
            throw new Failure.WrongState(
                    "cannot remove container \""
                            + container.record().name()
                            + "\": container is "
                            + (restarts ? "restarting" : "running")
                            + ": stop the container before removing or force remove");
        }
    }

    private void endForRemoval(Container container) {
        try {
            byPerson(container);
        } catch (Failure.HostRefused e) {
            // nobody reads the record of one that is removed, and it may be to make space
        }
        killAndAwait(container);
    }

    /** False when it was started meanwhile. */
    private boolean isRemoved(Container container, boolean force, boolean withVolumes) {
        if (force) {
            lockToEnd(container);
        } else {
            container.lock.lock();
        }
        try {
            if (container.phase().runs()) {
                return false;
            } else if (container.phase() != Phase.REMOVING) {
                lifecycle.remove(container, withVolumes);
            }
            return true;
        } finally {
            container.lock.unlock();
        }
    }
}
