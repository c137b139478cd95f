package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

final class DeleteCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        if (!call.arguments().flag("regex")) {
            return delete(call, Containers.id(call.id()), true);
        }
        boolean failed = false;
        for (ContainerId id : matching(call)) {
            try {
                delete(call, id, false);
            } catch (Failure e) {
                call.journal().warn("delete " + id + ": " + e.getMessage());
                failed = true;
            }
        }
        if (failed) {
            throw new Failure.WrongState("not all of the containers could be deleted");
        }
        return DONE;
    }

    private static List<ContainerId> matching(Call call) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(call.id());
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid(
                    "invalid regular expression \""
                            + Printable.of(call.id())
                            + "\": "
                            + e.getDescription());
        }
        var ids = new ArrayList<ContainerId>();
        for (ContainerView container : call.containers().list(false)) {
            if (pattern.matcher(container.id()).find()) {
                ids.add(new ContainerId(container.id()));
            }
        }
        return ids;
    }

    private static Ending delete(Call call, ContainerId id, boolean last) {
        boolean force = call.arguments().flag("force");
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
            acts.removeState(call.globals().root(), id, 0);
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
        return new Lifecycle(call, found).delete(last);
    }
}
