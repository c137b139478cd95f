package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks.Hook;
import dev.rung.program.Slot;
import dev.rung.resident.Ending;
import dev.rung.resident.PhaseHandler;
import dev.rung.resident.RunResult;
import java.util.List;

final class StartCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        Containers.Found found = call.containers().get(call.id());
        StoredContainer stored = found.stored();
        switch (found.status()) {
            case CREATED -> {}
            case STOPPED ->
                    throw new Failure.WrongState("cannot start a container that has stopped");
            case RUNNING ->
                    throw new Failure.WrongState("cannot start an already running container");
            case CREATING, PAUSED ->
                    throw new Failure.WrongState(
                            "cannot start a container in the " + found.status() + " state");
        }
        var lifecycle = new Lifecycle(call, found);
        if (!lifecycle.config().startable()) {
            throw new Failure.Invalid(
                    "cannot start a container that has no process (config.json: process)");
        }
        String caller = ProcessOptions.notifySocket(call.front().request());
        var acts = new Acts();
        Slot folder = acts.folder(call.globals().root() + "/" + stored.id());
        Acts.Notify notify = caller == null ? null : acts.notify(folder, caller);
        acts.start(folder);
        RunResult result = new Execution(call).run(acts.build());
        List<Hook> hooks = lifecycle.config().hooks().poststart();
        if (!hooks.isEmpty()) {
            poststart(call, stored, hooks);
        }
        return notify == null
                ? DONE
                : ready(
                        call,
                        stored,
                        result.slot(notify.socket().index()),
                        result.slot(notify.caller().index()));
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
    private static void poststart(Call call, StoredContainer stored, List<Hook> hooks) {
        var acts = new Acts();
        acts.hooks("poststart", hooks, Acts.state(stored, ContainerStatus.RUNNING), true);
        try {
            new Execution(call).run(acts.build());
        } catch (StepFailed e) {
            var found = new Containers.Found(stored, ContainerStatus.RUNNING);
            new Lifecycle(call, found).delete();
            throw e;
        }
    }
}
