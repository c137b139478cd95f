package dev.rung.cli.oci;

import dev.rung.oci.ContainerStatus;
import dev.rung.resident.Ending;
import java.util.List;

final class KillCommand implements Verb {
    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.atLeast(1);
        arguments.atMost(2);
        Containers.Found found = call.containers().get(call.id());
        List<String> words = arguments.words();
        int signal = words.size() > 1 ? Signals.number(words.get(1)) : Signals.TERM;
        var lifecycle = new Lifecycle(call, found);
        if (!arguments.flag("all")) {
            lifecycle.signal(signal);
        } else if (found.status() != ContainerStatus.STOPPED || signal == Signals.KILL) {
            lifecycle.signalAll(signal);
        }
        return DONE;
    }
}
