package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.monitor.ExitRecord;
import dev.rung.engine.monitor.RunningRecord;
import dev.rung.engine.record.ContainerRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A container as it is now. Whoever changes it holds its lock all the while; reading needs none and
 * may see the moment before.
 */
final class Container {
    final ReentrantLock lock = new ReentrantLock();
    final ContainerFolders folders;

    private volatile ContainerRecord record;
    private volatile Phase phase = Phase.CREATED;
    private volatile @Nullable RunningRecord running;
    private Starting starting = Starting.NO;
    private volatile @Nullable Instant finished;
    private volatile int exitCode;
    private volatile boolean oomKilled;
    private volatile @Nullable Health health;
    private volatile @Nullable String noUserNamespace;
    private volatile @Nullable HealthWatch healthWatch;
    private volatile @Nullable LogForwarder forwarder;
    private volatile @Nullable Stopwatch creation;
    private volatile Traces.@Nullable Pending trace;
    private volatile CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final CompletableFuture<Integer> removed = new CompletableFuture<>();
    private final Queue<Attendant> attendants = new ConcurrentLinkedQueue<>();

    Container(ContainerRecord record, ContainerFolders folders) {
        this.record = record;
        this.folders = folders;
    }

    ContainerId id() {
        return record.id();
    }

    ContainerRecord record() {
        return record;
    }

    void record(ContainerRecord changed) {
        record = changed;
    }

    Phase phase() {
        return phase;
    }

    void phase(Phase next) {
        phase = next;
    }

    @Nullable RunningRecord running() {
        return running;
    }

    /** How far a start is. */
    private enum Starting {
        NO,
        UNDER_WAY,
        GIVEN_UP
    }

    /** A start begins; the lock is held. */
    synchronized void beginStart() {
        starting = Starting.UNDER_WAY;
    }

    /** It has come to its end; whether somebody wanted the container ended meanwhile. */
    synchronized boolean endStart() {
        boolean givenUp = starting == Starting.GIVEN_UP;
        starting = Starting.NO;
        return givenUp;
    }

    /** Whoever starts it is to give up; false when nobody does. The lock is somebody else's. */
    synchronized boolean giveUpStart() {
        if (starting != Starting.NO) {
            starting = Starting.GIVEN_UP;
        }
        return starting != Starting.NO;
    }

    /** Completes with the exit code when the present run ends, at once when none is under way. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    /** Completes with the exit code of the next run that ends, also of one still to begin. */
    synchronized CompletableFuture<Integer> nextEnd() {
        renewEnd();
        return ended;
    }

    private synchronized void renewEnd() {
        if (ended.isDone()) {
            ended = new CompletableFuture<>();
        }
    }

    /** Waits for the next run to begin. Who calls holds the lock. */
    void attend(Attendant attendant) {
        attendants.add(attendant);
    }

    /** The next run begins. */
    void tellAttendants() {
        for (Attendant each = attendants.poll(); each != null; each = attendants.poll()) {
            each.created(folders);
        }
    }

    /** There will be none. */
    private void dismissAttendants() {
        for (Attendant each = attendants.poll(); each != null; each = attendants.poll()) {
            each.dismissed();
        }
    }

    /** Completes with the last exit code when the container is gone. */
    CompletableFuture<Integer> removed() {
        return removed;
    }

    /** Null when it is not tested, or does not run. */
    @Nullable Health health() {
        return health;
    }

    /** How it is, as this watch found out; nothing when that watches no more. */
    void health(Health now, HealthWatch by) {
        if (now.results().isEmpty() || healthWatch == by) {
            healthWatch = by;
            health = now;
        }
    }

    /** What sends its output elsewhere; null when nothing has yet. */
    @Nullable LogForwarder forwarder() {
        return forwarder;
    }

    void forwarder(LogForwarder next) {
        forwarder = next;
    }

    /** Why its last run had no user namespace, empty when it had; null: it is not known. */
    @Nullable String noUserNamespace() {
        return noUserNamespace;
    }

    void noUserNamespace(String why) {
        noUserNamespace = why;
    }

    /** How long its creation took; null once a start has taken that over. */
    @Nullable Stopwatch creation() {
        return creation;
    }

    void creation(@Nullable Stopwatch watch) {
        creation = watch;
    }

    /** Of the last start, while it is not on disk. */
    Traces.@Nullable Pending trace() {
        return trace;
    }

    void trace(Traces.@Nullable Pending pending) {
        trace = pending;
    }

    /** What root in it is outside: 0 without a user namespace, and when it does not run. */
    int rootOutside() {
        RunningRecord process = running;
        if (process == null) {
            return 0;
        }
        for (String line :
                CgroupFiles.lines(Path.of("/proc/" + process.process().pid() + "/uid_map"))) {
            String[] fields = line.strip().split(" +");
            if (fields.length == 3 && fields[0].equals("0")) {
                return Integer.parseInt(fields[1]);
            }
        }
        return 0;
    }

    /** A run begins. */
    void begin(RunningRecord process) {
        running = process;
        phase = Phase.RUNNING;
        renewEnd();
    }

    /**
     * The run is over, or one that was to begin has failed; nobody is told before {@link #tell}.
     */
    void end(int code, boolean byOom, Instant when) {
        running = null;
        exitCode = code;
        oomKilled = byOom;
        finished = when;
        phase = Phase.EXITED;
        HealthWatch watch = healthWatch;
        if (watch != null) {
            watch.close();
            healthWatch = null;
        }
        LogForwarder sends = forwarder;
        if (sends != null) {
            sends.finish();
        }
    }

    void end(ExitRecord exit) {
        end(exit.exit().code(), exit.oomKills() > 0, exit.ended());
    }

    /** Tells those who wait for the end of the run. */
    void tell() {
        dismissAttendants();
        ended.complete(exitCode);
    }

    void tellRemoved() {
        dismissAttendants();
        ended.complete(exitCode);
        removed.complete(exitCode);
    }

    ContainerView view() {
        RunningRecord process = running;
        return new ContainerView(
                record,
                phase,
                process == null ? 0 : process.process().pid(),
                exitCode,
                oomKilled,
                finished,
                health,
                folders.durable());
    }

    static String logName(ContainerId id) {
        return id + "-json.log";
    }
}
