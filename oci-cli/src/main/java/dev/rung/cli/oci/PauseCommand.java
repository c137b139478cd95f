package dev.rung.cli.oci;

import dev.rung.oci.ContainerStatus;
import dev.rung.resident.Ending;

final class PauseCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        Containers.Found found = call.containers().get(call.id());
        if (found.status() != ContainerStatus.RUNNING
                && found.status() != ContainerStatus.CREATED) {
            throw Lifecycle.notRunning();
        }
        new Lifecycle(call, found).freeze(true);
        return DONE;
    }
}
