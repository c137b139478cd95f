package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.host.cgroup.CgroupDirectory;
import dev.rung.host.cgroup.CgroupFiles;
import dev.rung.host.cgroup.CgroupFreezer;
import dev.rung.host.cgroup.CgroupProcesses;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks.Hook;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.Json;
import dev.rung.program.Program;
import dev.rung.program.Slot;
import dev.rung.resident.Ending;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is done to a container that was created: signals, freezing, deletion. */
final class Lifecycle {
    private static final String NOT_RUNNING = "container not running";
    private static final long PROMPT_END_MS = 500;
    private static final long END_LIMIT_MS = 10_000;
    private static final int ROUNDS = 50;
    private static final long ROUND_MS = 20;

    private final Call call;
    private final Execution execution;
    private final StoredContainer stored;
    private final ContainerStatus status;
    private final ContainerCgroups cgroups;
    private final CgroupFiles files;
    private @Nullable RuntimeConfig config;

    Lifecycle(Call call, Containers.Found found) {
        this.call = call;
        this.execution = new Execution(call);
        this.stored = found.stored();
        this.status = found.status();
        this.cgroups = StoredCgroups.of(stored);
        this.files = new CallerCgroups(call.front(), call.files(), stored.cgroups()).byPath();
    }

    static Failure.WrongState notRunning() {
        return new Failure.WrongState(NOT_RUNNING);
    }

    /** What the container was made from. */
    RuntimeConfig config() {
        if (config == null) {
            String file = call.globals().root() + "/" + stored.id() + "/config.json";
            Files.Content content = call.files().read(file, Json.LARGEST);
            if (!content.there()) {
                throw new Failure.Corrupt(content.error(), null);
            }
            config = RuntimeConfig.read(file, content.bytes());
        }
        return config;
    }

    private boolean hasOwnPids() {
        return config().linux().creates(NamespaceType.PID);
    }

    /** Signals the first process. */
    void signal(int signal) {
        if (status == ContainerStatus.STOPPED) {
            throw notRunning();
        }
        if (signal == Signals.KILL && !hasOwnPids()) {
            signalAll(signal); // nothing else would end those that it leaves behind
            return;
        }
        var acts = new Acts();
        acts.signal(acts.process(stored), signal);
        if (signal == Signals.KILL && status == ContainerStatus.PAUSED) {
            cgroups.freeze(acts.front(), false); // in version 1 a frozen process does not die
        }
        Program program = acts.build();
        RunResult result = execution.attempt(program, PhaseHandler.NONE);
        if (Execution.lackedProcess(result)) {
            throw notRunning();
        } else if (result.failure() != null) {
            throw StepFailed.of("", program, result.failure());
        }
    }

    /** Signals all processes of the cgroup, and those that they start meanwhile. */
    void signalAll(int signal) {
        if (cgroups.directories().isEmpty()) {
            if (status != ContainerStatus.STOPPED) {
                var acts = new Acts();
                acts.signal(acts.process(stored), signal);
                execution.run(acts.build());
            }
            return;
        }
        boolean freezes = CgroupFreezer.state(cgroups, files) == CgroupFreezer.State.THAWED;
        if (freezes) {
            freeze(true);
        }
        try {
            List<Integer> pids = pids();
            var acts = new Acts();
            acts.signalEach(pids, signal);
            if (!pids.isEmpty()) {
                execution.run(acts.build());
            }
        } finally {
            if (freezes || signal == Signals.KILL) {
                thaw();
            }
        }
    }

    /** The processes in the container's cgroup and below. */
    List<Integer> pids() {
        CgroupDirectory directory = processes();
        return directory == null ? List.of() : new CgroupProcesses(files).pids(directory.path());
    }

    /** Where to look for processes: a hierarchy in which nobody but us moves them. */
    private @Nullable CgroupDirectory processes() {
        CgroupDirectory first = null;
        for (CgroupDirectory directory : cgroups.directories()) {
            if (directory.has("devices")) {
                return directory;
            }
            first = first == null ? directory : first;
        }
        return first;
    }

    /** Freezes all processes, or none when they cannot all be. */
    void freeze(boolean mustSucceed) {
        var acts = new Acts();
        cgroups.freeze(acts.front(), true);
        for (int i = 0; i < ROUNDS; i++) {
            execution.run(acts.build());
            CgroupFreezer.State state = CgroupFreezer.state(cgroups, files);
            if (state != CgroupFreezer.State.FREEZING) {
                return;
            }
            sleep(ROUND_MS);
            acts = new Acts();
            cgroups.freeze(acts.front(), true);
        }
        thaw();
        if (mustSucceed) {
            throw new Failure.HostRefused("unable to freeze", null);
        }
    }

    void thaw() {
        if (CgroupFreezer.state(cgroups, files) == CgroupFreezer.State.NONE) {
            return;
        }
        var acts = new Acts();
        cgroups.freeze(acts.front(), false);
        execution.run(acts.build());
    }

    /** Ends the first process and waits for its end. */
    private void end() {
        var acts = new Acts();
        Slot pidfd = acts.process(stored);
        acts.signal(pidfd, Signals.KILL);
        if (status == ContainerStatus.PAUSED) {
            cgroups.freeze(acts.front(), false);
        }
        if (!hasEnded(acts, pidfd, PROMPT_END_MS) && !endsBackHome()) {
            throw new Failure.Unavailable("container init still running", null);
        }
    }

    /**
     * Who moved the process to a frozen cgroup of version 1 keeps it from dying; back in its own it
     * does.
     */
    private boolean endsBackHome() {
        var acts = new Acts();
        Slot pidfd = acts.process(stored);
        for (CgroupDirectory directory : cgroups.directories()) {
            if (directory.has("freezer")) {
                acts.move(stored, directory.path());
            }
        }
        return hasEnded(acts, pidfd, END_LIMIT_MS);
    }

    private boolean hasEnded(Acts acts, Slot pidfd, long limitMs) {
        Slot ended = acts.awaitEnd(pidfd, limitMs).into("ended");
        Program program = acts.build();
        RunResult result = execution.attempt(program, PhaseHandler.NONE);
        if (Execution.lackedProcess(result)) {
            return true;
        } else if (result.failure() != null) {
            throw StepFailed.of("", program, result.failure());
        }
        return result.slot(ended.index()) != 0;
    }

    /**
     * Ends what still lives, and takes away all that is held for the container.
     *
     * @param last whether the command is done then
     * @return what is left to be told
     */
    Ending delete(boolean last) {
        List<Hook> hooks = poststopHooks(); // first: a run that waits deletes it, too
        boolean ended = status != ContainerStatus.STOPPED && status != ContainerStatus.CREATING;
        if (ended) {
            end();
        }
        if (status == ContainerStatus.CREATING || ended && config != null && !hasOwnPids()) {
            endLeftovers();
        }
        new LeftMounts(call).unmount(stored.hostMounts());
        stopUnit();
        Program program = removal(hooks, ended);
        RunResult result =
                last ? execution.finish(program) : execution.attempt(program, PhaseHandler.NONE);
        if (result == null) {
            return Execution.UNDER_WAY;
        } else if (Execution.failedWith(result, Errno.EBUSY)) {
            endLeftovers();
            removeTrees();
            execution.run(removal(hooks, true));
        } else if (result.failure() != null) {
            throw StepFailed.of("", program, result.failure());
        }
        return Verb.DONE;
    }

    private void stopUnit() {
        if (stored.unit() == null) {
            return;
        }
        try {
            new UnitWork(call, stored.unit()).stop();
        } catch (Failure | StepFailed e) {
            call.journal().warn("unit " + stored.unit().name() + " stays: " + e.getMessage());
        }
    }

    private List<Hook> poststopHooks() {
        if (stored.plain()) {
            return List.of();
        }
        try {
            return config().hooks().poststop();
        } catch (Failure e) {
            call.journal().warn("no poststop hooks are run: " + e.getMessage());
            return List.of();
        }
    }

    private Program removal(List<Hook> hooks, boolean patient) {
        var acts = new Acts();
        acts.removeCgroups(cgroups, patient);
        acts.removeGroups(stored.resctrl());
        acts.removeState(
                call.globals().root(),
                new ContainerId(stored.id()),
                config == null ? 0 : config.linux().devices().size());
        acts.hooks("poststop", hooks, Acts.state(stored, ContainerStatus.STOPPED), false);
        return acts.build();
    }

    /** Processes of the cgroup that outlived the first one, or were moved there. */
    private void endLeftovers() {
        for (int i = 0; i < ROUNDS; i++) {
            if (pids().isEmpty()) {
                return;
            }
            signalAll(Signals.KILL);
            sleep(ROUND_MS);
        }
    }

    /** Cgroups that the container made below its own, the deepest first. */
    private void removeTrees() {
        var processes = new CgroupProcesses(files);
        var acts = new Acts();
        for (CgroupDirectory directory : cgroups.directories()) {
            var tree = new ArrayList<>(processes.tree(directory.path()));
            for (String path : tree.reversed()) {
                acts.removeFolder(path, true);
            }
        }
        execution.run(acts.build());
    }

    private static void sleep(long milliseconds) {
        try {
            TimeUnit.MILLISECONDS.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
