package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.resident.Ending;

final class DeleteCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        boolean force = call.arguments().flag("force");
        ContainerId id = Containers.id(call.id());
        Containers.Found found;
        try {
            found = call.containers().find(id);
        } catch (Failure.Corrupt e) {
            if (!force) {
                throw e;
            }
            call.journal().warn(String.valueOf(e.getMessage()));
            found = null;
        }
        if (found == null) {
            // a create may have been killed before it wrote its record
            var acts = new Acts();
            acts.removeState(call.globals().root(), id);
            new Execution(call).run(acts.build());
            if (force) {
                return DONE;
            }
            throw Containers.missing();
        }
        boolean may =
                switch (found.status()) {
                    case STOPPED, CREATED -> true;
                    case CREATING, RUNNING, PAUSED -> force;
                };
        if (!may) {
            throw new Failure.WrongState(
                    "cannot delete container " + id + " that is not stopped: " + found.status());
        }
        new Lifecycle(call, found).delete();
        return DONE;
    }
}
