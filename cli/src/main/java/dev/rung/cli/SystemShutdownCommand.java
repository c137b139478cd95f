package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Phase;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class SystemShutdownCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "system shutdown",
                "[OPTIONS]",
                "End the engine; containers stay unless told otherwise",
                WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(Switch.flag("--containers", "Stop all containers before"));
    }

    @Override
    public List<String> examples() {
        return List.of("system shutdown", "system shutdown --containers");
    }

    @Override
    public Ending run(Invocation call) {
        List<String> errors = call.flag("--containers") ? stopAll(call) : List.of();
        for (String error : errors) {
            call.err("Error response from daemon: " + error + "\n");
        }
        if (!errors.isEmpty()) {
            return new Ending.Exit(1);
        }
        call.services().control().leave();
        return DONE;
    }

    /** All at once, each with its own patience; what went wrong. */
    private static List<String> stopAll(Invocation call) {
        Containers containers = call.services().containers();
        var errors = Collections.synchronizedList(new ArrayList<String>());
        var stopping = new ArrayList<Thread>();
        for (ContainerView view : containers.list()) {
            if (view.phase().runs() || view.phase() == Phase.RESTARTING) {
                String id = view.record().id().value();
                stopping.add(Thread.ofVirtual().start(() -> stop(containers, id, errors)));
            }
        }
        try {
            for (Thread thread : stopping) {
                thread.join();
            }
            return errors;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    private static void stop(Containers containers, String id, List<String> errors) {
        try {
            containers.stop(id, null);
        } catch (Failure e) {
            errors.add(String.valueOf(e.getMessage()));
        }
    }
}
