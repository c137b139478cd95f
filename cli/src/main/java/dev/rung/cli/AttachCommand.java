package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.Phase;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class AttachCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "attach",
                "[OPTIONS] CONTAINER",
                "Attach local standard input, output, and error streams to a running container",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("--detach-keys", "string", "Keys that detach a terminal"),
                Switch.flag("--no-stdin", "Do not attach STDIN"),
                Switch.flag("--sig-proxy", "Proxy received signals to the process (default)"),
                Switch.flag("--no-sig-proxy", "Keep received signals from the process"));
    }

    @Override
    public List<String> examples() {
        return List.of("attach web", "attach --no-stdin --detach-keys ctrl-x web");
    }

    @Override
    public Ending run(Invocation call) {
        Containers containers = call.services().containers();
        ContainerView container = containers.get(call.words().getFirst());
        if (container.phase() == Phase.PAUSED) {
            throw new Failure.WrongState(
                    "You cannot attach to a paused container, unpause it first");
        } else if (container.phase() != Phase.RUNNING) {
            throw stopped();
        }
        String id = container.record().id().value();
        var attachment = new Attachment(call, id);
        var code = containers.ended(id);
        boolean input = container.record().config().openStdin() && !call.flag("--no-stdin");
        boolean signals = !call.flag("--no-sig-proxy");
        try {
            attachment.begin(
                    containers.folders(id),
                    input,
                    container.record().config().tty(),
                    signals,
                    call.text("--detach-keys"));
        } catch (Failure.Unavailable e) {
            throw code.isDone() || !isRunning(container) ? stopped() : e;
        }
        return new Ending.Exit(attachment.await(code));
    }

    /** Whether its process lives: its end may not have been seen yet. */
    private static boolean isRunning(ContainerView container) {
        return container.pid() > 0 && ProcessHandle.of(container.pid()).isPresent();
    }

    private static Failure stopped() {
        return new Failure.WrongState("You cannot attach to a stopped container, start it first");
    }
}
