package dev.rung.cli;

import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.engine.Checkpoints;
import dev.rung.resident.Ending;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** "checkpoint create", "ls" and "rm", in docker's words. */
final class CheckpointCommand implements Command {
    private final Kind kind;

    CheckpointCommand(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        CREATE,
        LS,
        RM
    }

    @Override
    public Synopsis synopsis() {
        return switch (kind) {
            case CREATE ->
                    new Synopsis(
                            "checkpoint create",
                            "[OPTIONS] CONTAINER CHECKPOINT",
                            "Create a checkpoint from a running container",
                            WordCount.exactly(2));
            case LS ->
                    new Synopsis(
                            "checkpoint ls",
                            "[OPTIONS] CONTAINER",
                            "List checkpoints for a container",
                            WordCount.exactly(1));
            case RM ->
                    new Synopsis(
                            "checkpoint rm",
                            "[OPTIONS] CONTAINER CHECKPOINT",
                            "Remove a checkpoint",
                            WordCount.exactly(2));
        };
    }

    /** Where checkpoints are that are not among their container's files. */
    static OptionSpec folderOption() {
        return Switch.text(
                "--checkpoint-dir", "string", "Use a custom checkpoint storage directory");
    }

    /** The folder of that option, null: the container's own. */
    static @Nullable Path folder(Invocation call) {
        String path = call.text("--checkpoint-dir");
        return path.isEmpty() ? null : Path.of(call.absolute(path));
    }

    @Override
    public List<OptionSpec> options() {
        return kind == Kind.CREATE
                ? List.of(
                        folderOption(),
                        Switch.flag(
                                "--leave-running", "Leave the container running after checkpoint"))
                : List.of(folderOption());
    }

    @Override
    public List<String> examples() {
        return switch (kind) {
            case CREATE -> List.of("checkpoint create --leave-running db before-upgrade");
            case LS -> List.of("checkpoint ls db");
            case RM -> List.of("checkpoint rm db before-upgrade");
        };
    }

    @Override
    public Ending run(Invocation call) {
        Checkpoints checkpoints = call.services().engine().checkpoints();
        String container = call.words().getFirst();
        switch (kind) {
            case CREATE -> {
                boolean ends = !call.flag("--leave-running");
                checkpoints.create(container, call.words().get(1), folder(call), ends);
                call.out(call.words().get(1) + "\n");
            }
            case LS -> {
                var listing = new Listing(List.of(Column.usual("Name", "CHECKPOINT NAME")));
                checkpoints.list(container, folder(call)).forEach(name -> listing.add(name));
                call.out(listing.print(""));
            }
            case RM -> checkpoints.remove(container, call.words().get(1), folder(call));
        }
        return DONE;
    }
}
