package dev.rung.cli.oci;

import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;

final class StateCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(1);
        ContainerView view = Containers.view(call.containers().get(call.id()), null);
        call.front().out(new String(view.json(), StandardCharsets.UTF_8));
        return DONE;
    }
}
