package dev.rung.cli.oci;

import dev.rung.host.compile.SeccompFilters;
import org.jspecify.annotations.Nullable;

/** The commands by name. */
final class Verbs {
    private final SeccompFilters filters = new SeccompFilters();
    private @Nullable Kernel kernel;

    /** A command that {@link Syntaxes} knows. */
    Verb of(String name) {
        return switch (name) {
            case "checkpoint" -> new CheckpointCommand(kernel());
            case "create" -> MakeCommand.creating(kernel(), filters);
            case "delete" -> new DeleteCommand();
            case "events" -> new EventsCommand();
            case "exec" -> new ExecCommand(kernel(), filters);
            case "explain" -> new ExplainCommand(kernel());
            case "features" -> new FeaturesCommand();
            case "kill" -> new KillCommand();
            case "list" -> new ListCommand();
            case "pause" -> new PauseCommand();
            case "ps" -> new PsCommand();
            case "resume" -> new ResumeCommand();
            case "restore" -> new RestoreCommand(kernel());
            case "run" -> MakeCommand.running(kernel(), filters);
            case "spec" -> new SpecCommand();
            case "start" -> new StartCommand();
            case "state" -> new StateCommand();
            case "update" -> new UpdateCommand(kernel());
            default -> throw new IllegalArgumentException("no command " + name);
        };
    }

    /** Asked about once; by two threads at once perhaps, which then hear the same. */
    private Kernel kernel() {
        Kernel known = kernel;
        if (known == null) {
            known = Kernel.running();
            kernel = known;
        }
        return known;
    }
}
