package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks.Hook;
import dev.rung.program.Program;
import dev.rung.program.Slot;
import dev.rung.resident.Ending;
import dev.rung.resident.FailureRecord;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.util.List;

final class StartCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        StoredContainer stored = call.containers().waiting(call.id());
        if (stored == null) {
            throw notCreated(call.containers().get(call.id()).status());
        }
        if (!stored.plain()
                && !lifecycle(call, stored, ContainerStatus.CREATED).config().startable()) {
            throw new Failure.Invalid(
                    "cannot start a container that has no process (config.json: process)");
        }
        String caller = ProcessOptions.notifySocket(call.front().request());
        var acts = new Acts();
        // only now, so that a start costs no question more; init would not answer
        acts.expectThawed(Containers.freezerFile(stored));
        Slot folder = acts.folder(call.globals().root() + "/" + stored.id());
        Acts.Notify notify = caller == null ? null : acts.notify(folder, caller);
        acts.start(folder);
        Program program = acts.build();
        var execution = new Execution(call);
        boolean last = stored.plain() && notify == null;
        RunResult result =
                last ? execution.finish(program) : execution.attempt(program, PhaseHandler.NONE);
        if (result == null) {
            return Execution.UNDER_WAY;
        }
        FailureRecord failure = result.failure();
        if (failure != null) {
            ContainerStatus status = call.containers().get(call.id()).status();
            throw failure.stream() == 0 && status != ContainerStatus.CREATED
                    ? notCreated(status)
                    : StepFailed.of("", program, failure);
        }
        if (!stored.plain()) {
            poststart(call, stored);
        }
        return notify == null
                ? DONE
                : ready(
                        call,
                        stored,
                        result.slot(notify.socket().index()),
                        result.slot(notify.caller().index()));
    }

    private static Lifecycle lifecycle(Call call, StoredContainer stored, ContainerStatus status) {
        return new Lifecycle(call, new Containers.Found(stored, status));
    }

    private static Failure notCreated(ContainerStatus status) {
        return new Failure.WrongState(
                switch (status) {
                    case STOPPED -> "cannot start a container that has stopped";
                    case RUNNING -> "cannot start an already running container";
                    case CREATING, CREATED, PAUSED ->
                            "cannot start a container in the " + status + " state";
                });
    }

    /** Has the front end wait, which knows of the program last run only. */
    private static Ending ready(Call call, StoredContainer stored, long socket, long caller) {
        var acts = new Acts();
        Slot pidfd = acts.process(stored);
        Slot pid = acts.number("pid", stored.pid());
        var notify =
                new Ending.Notify(
                        acts.again("notify", socket).index(), acts.again("caller", caller).index());
        RunResult result = new Execution(call).attempt(acts.build(), PhaseHandler.NONE);
        if (result.failure() != null) {
            return DONE; // it has ended
        }
        return new Ending.Ready(pid.index(), pidfd.index(), notify);
    }

    /** A hook that fails ends the container (runtime.md "Lifecycle", step 9). */
    private static void poststart(Call call, StoredContainer stored) {
        var lifecycle = lifecycle(call, stored, ContainerStatus.RUNNING);
        List<Hook> hooks = lifecycle.config().hooks().poststart();
        if (hooks.isEmpty()) {
            return;
        }
        var acts = new Acts();
        acts.hooks("poststart", hooks, Acts.state(stored, ContainerStatus.RUNNING), true);
        try {
            new Execution(call).run(acts.build());
        } catch (StepFailed e) {
            lifecycle.delete(false);
            throw e;
        }
    }
}
