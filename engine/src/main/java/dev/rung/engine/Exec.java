package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.Output;
import dev.rung.engine.monitor.RunningRecord;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A process beside a container's own, from when it is asked for until some time after its end. */
public final class Exec {
    private final String id;
    private final ContainerId container;
    private final ExecOrder order;
    private final boolean input;
    private final Set<Output> outputs;
    private final ContainerFolders folders;
    private static final long REMEMBERED = Duration.ofMinutes(5).toNanos();
    private static final long WAITING = Duration.ofHours(1).toNanos();

    private boolean begun;
    private volatile long changed = System.nanoTime();
    private volatile @Nullable RunningRecord running;
    private volatile @Nullable Integer exitCode;

    Exec(
            String id,
            ContainerId container,
            ExecOrder order,
            boolean input,
            Set<Output> outputs,
            ContainerFolders folders) {
        this.id = id;
        this.container = container;
        this.order = order;
        this.input = input;
        this.outputs = Set.copyOf(outputs);
        this.folders = folders;
    }

    public String id() {
        return id;
    }

    public ContainerId container() {
        return container;
    }

    public ExecOrder order() {
        return order;
    }

    /** Whether its stdin can be written to. */
    public boolean hasInput() {
        return input;
    }

    /** Which of its outputs anybody wants to hear. */
    public Set<Output> outputs() {
        return outputs;
    }

    ContainerFolders folders() {
        return folders;
    }

    /** 0 when it does not run. */
    public int pid() {
        RunningRecord process = running;
        return process == null ? 0 : process.process().pid();
    }

    public boolean isRunning() {
        return running != null;
    }

    /** Null before it has ended. */
    public @Nullable Integer exitCode() {
        return exitCode;
    }

    /** False when it was begun before. */
    synchronized boolean begin() {
        boolean first = !begun;
        begun = true;
        return first;
    }

    /** Whether nobody is to ask for it any more: it ended, or was never begun, long ago. */
    synchronized boolean isOld() {
        long age = System.nanoTime() - changed;
        return exitCode != null && age > REMEMBERED || !begun && age > WAITING;
    }

    void runs(RunningRecord process) {
        running = process;
    }

    void ended(int code) {
        exitCode = code;
        changed = System.nanoTime();
        running = null;
    }
}
