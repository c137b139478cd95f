package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.Containers;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.OptionSpec;

final class StartCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "start",
                "[OPTIONS] CONTAINER [CONTAINER...]",
                "Start one or more stopped containers",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --attach", "Attach STDOUT/STDERR and forward signals"),
                Switch.text("--checkpoint", "string", "Restore from this checkpoint"),
                CheckpointCommand.folderOption(),
                Switch.text("--detach-keys", "string", "Keys that detach a terminal"),
                Switch.flag("-i --interactive", "Attach container's STDIN"));
    }

    @Override
    public List<String> examples() {
        return List.of("start web db", "start -ai shell");
    }

    @Override
    public Ending run(Invocation call) {
        Containers containers = call.services().containers();
        if (call.flag("-a") || call.flag("-i")) {
            if (call.words().size() > 1) {
                throw new UsageError("you cannot start and attach multiple containers at once");
            }
            return attached(call, containers.get(call.words().getFirst()));
        }
        if (!call.text("--checkpoint").isEmpty() && call.words().size() > 1) {
            throw new UsageError("you cannot restore multiple containers at once");
        }
        var failed = new ArrayList<String>();
        Ending ending =
                Each.of(
                        call,
                        name -> {
                            failed.add(name);
                            start(call, name, _ -> {});
                            failed.removeLast();
                            return name;
                        });
        if (!failed.isEmpty()) {
            call.err("Error: failed to start containers: " + String.join(", ", failed) + "\n");
        }
        return ending;
    }

    private static boolean start(Invocation call, String name, Consumer<ContainerFolders> created) {
        String checkpoint = call.text("--checkpoint");
        return checkpoint.isEmpty()
                ? call.services().containers().start(name, created)
                : call.services()
                        .engine()
                        .checkpoints()
                        .start(name, checkpoint, CheckpointCommand.folder(call), created);
    }

    private static Ending attached(Invocation call, ContainerView container) {
        Containers containers = call.services().containers();
        String id = container.record().id().value();
        var attachment = new Attachment(call, id);
        boolean tty = container.record().config().tty();
        var removed = containers.removed(id);
        boolean started;
        try {
            started =
                    start(
                            call,
                            id,
                            folders ->
                                    attachment.begin(
                                            folders,
                                            call.flag("-i"),
                                            tty,
                                            true,
                                            call.text("--detach-keys")));
        } catch (Failure e) {
            attachment.abandon();
            throw e;
        }
        if (!started) {
            throw new Failure.WrongState("container " + id + " runs already: use attach");
        }
        boolean goes = container.record().host().autoRemove();
        return new Ending.Exit(attachment.await(goes ? removed : containers.ended(id)));
    }
}
