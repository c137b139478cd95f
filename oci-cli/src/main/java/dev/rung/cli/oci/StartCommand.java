package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Hooks.Hook;
import dev.rung.resident.Ending;
import dev.rung.resident.PhaseHandler;
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
        var acts = new Acts();
        acts.start(call.globals().root() + "/" + stored.id());
        new Execution(call).run(acts.build(), PhaseHandler.NONE, "");
        var lifecycle = new Lifecycle(call, found);
        List<Hook> hooks = lifecycle.config().hooks().poststart();
        if (!hooks.isEmpty()) {
            poststart(call, stored, hooks);
        }
        return DONE;
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
