package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.resident.Ending;

final class ResumeCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        Containers.Found found = call.containers().get(call.id());
        if (found.status() != ContainerStatus.PAUSED) {
            throw new Failure.WrongState("container not paused");
        }
        new Lifecycle(call, found).thaw();
        return DONE;
    }
}
