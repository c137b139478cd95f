package dev.rung.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All commands by name. */
final class Commands {
    private static final List<Command> ALL =
            List.of(
                    new RunCommand(true),
                    new RunCommand(false),
                    new StartCommand(),
                    new StopCommand(StopCommand.Kind.STOP),
                    new StopCommand(StopCommand.Kind.RESTART),
                    new StopCommand(StopCommand.Kind.KILL),
                    new StopCommand(StopCommand.Kind.PAUSE),
                    new StopCommand(StopCommand.Kind.UNPAUSE),
                    new RemoveCommand(),
                    new RenameCommand(),
                    new WaitCommand(),
                    new PsCommand(),
                    new ExecCommand(),
                    new AttachCommand(),
                    new LogsCommand(),
                    new InspectCommand(),
                    new PullCommand(),
                    new ImagesCommand(),
                    new RemoveImageCommand(),
                    new TagCommand(),
                    new LoadCommand(),
                    new SaveCommand(),
                    new ImportCommand(),
                    new ExportCommand(),
                    new CopyCommand(),
                    new StatsCommand(),
                    new TopCommand(),
                    new UpdateCommand(),
                    new ContainerPruneCommand(),
                    new EventsCommand("events"),
                    new EventsCommand("system events"),
                    new InfoCommand("info"),
                    new InfoCommand("system info"),
                    new DiskUsageCommand(),
                    new VolumeCommand(VolumeCommand.Kind.CREATE),
                    new VolumeCommand(VolumeCommand.Kind.LS),
                    new VolumeCommand(VolumeCommand.Kind.INSPECT),
                    new VolumeCommand(VolumeCommand.Kind.RM),
                    new VolumeCommand(VolumeCommand.Kind.PRUNE),
                    new LoginCommand(),
                    new LogoutCommand(),
                    new PushCommand(),
                    new HistoryCommand(),
                    new DiffCommand(),
                    new CommitCommand(),
                    new ImagePruneCommand(),
                    new RuntimesCommand(),
                    new SystemReloadCommand(),
                    new SystemShutdownCommand(),
                    new SystemMetricsCommand(),
                    new PortCommand(),
                    new NetworkConnectCommand(),
                    new NetworkCreateCommand(),
                    new NetworkDisconnectCommand(),
                    new NetworkInspectCommand(),
                    new NetworkListCommand(),
                    new NetworkPruneCommand(),
                    new NetworkRemoveCommand(),
                    new VersionCommand());

    /** What can stand behind "container". */
    private static final Set<String> CONTAINER_WORDS =
            Set.of(
                    "attach", "commit", "cp", "create", "diff", "exec", "export", "inspect", "kill",
                    "logs", "pause", "port", "rename", "restart", "rm", "run", "start", "stats",
                    "stop", "top", "unpause", "update", "wait");

    private Commands() {}

    static List<Command> all() {
        return ALL;
    }

    /** Takes the words that name a command away; null when there is none of that name. */
    static @Nullable Command find(List<String> words) {
        String name = words.removeFirst();
        Command grouped = words.isEmpty() ? null : inGroup(name, words.getFirst());
        if (grouped != null) {
            words.removeFirst();
            return grouped;
        }
        if (words.isEmpty() || !name.equals("container") && !name.equals("image")) {
            return named(name);
        }
        String inner = words.removeFirst();
        if (name.equals("image")) {
            return switch (inner) {
                case "ls", "list" -> named("images");
                case "rm", "remove" -> named("rmi");
                case "prune" -> named("image prune");
                case "pull", "push", "tag", "history", "inspect", "load", "save", "import" ->
                        named(inner);
                default -> null;
            };
        }
        return switch (inner) {
            case "ls", "list", "ps" -> named("ps");
            case "remove" -> named("rm");
            default -> CONTAINER_WORDS.contains(inner) ? named(inner) : null;
        };
    }

    /** One whose name has two words, such as "volume ls". */
    private static @Nullable Command inGroup(String group, String word) {
        String inner =
                switch (word) {
                    case "list" -> "ls";
                    case "remove" -> "rm";
                    default -> word;
                };
        return named(group + " " + inner);
    }

    /** Those whose names begin with this word. */
    static List<Command> group(String name) {
        var group = new ArrayList<Command>();
        for (Command command : ALL) {
            boolean container =
                    name.equals("container") && CONTAINER_WORDS.contains(command.name());
            if (container || command.name().startsWith(name + " ")) {
                group.add(command);
            }
        }
        return group;
    }

    private static @Nullable Command named(String name) {
        for (Command command : ALL) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        return null;
    }
}
