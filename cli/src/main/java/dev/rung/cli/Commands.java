package dev.rung.cli;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
                    new InspectCommand(""),
                    new InspectCommand("container"),
                    new InspectCommand("image"),
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
                    new TraceCommand(),
                    new ExplainCommand(),
                    new ContainerPruneCommand(),
                    new EventsCommand("events"),
                    new EventsCommand("system events"),
                    new InfoCommand("info"),
                    new InfoCommand("system info"),
                    new DiskUsageCommand(),
                    new SystemPruneCommand(),
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
                    new BuildCommand(),
                    new BuilderPruneCommand(),
                    new ImagePruneCommand(),
                    new RuntimesCommand(),
                    new ConfigImportCommand(),
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
                    new PodCreateCommand(),
                    new PodListCommand(),
                    new PodInspectCommand(),
                    new PodCommand(PodCommand.Kind.START),
                    new PodCommand(PodCommand.Kind.STOP),
                    new PodCommand(PodCommand.Kind.RESTART),
                    new PodCommand(PodCommand.Kind.KILL),
                    new PodCommand(PodCommand.Kind.PAUSE),
                    new PodCommand(PodCommand.Kind.UNPAUSE),
                    new PodCommand(PodCommand.Kind.RM),
                    new PodCommand(PodCommand.Kind.PRUNE),
                    new PodCommand(PodCommand.Kind.EXISTS),
                    new PodCommand(PodCommand.Kind.TOP),
                    new PodCommand(PodCommand.Kind.STATS),
                    new PodCommand(PodCommand.Kind.LOGS),
                    new SecretCommand(SecretCommand.Kind.CREATE),
                    new SecretCommand(SecretCommand.Kind.LS),
                    new SecretCommand(SecretCommand.Kind.INSPECT),
                    new SecretCommand(SecretCommand.Kind.RM),
                    new SecretCommand(SecretCommand.Kind.EXISTS),
                    new CheckpointCommand(CheckpointCommand.Kind.CREATE),
                    new CheckpointCommand(CheckpointCommand.Kind.LS),
                    new CheckpointCommand(CheckpointCommand.Kind.RM),
                    new VersionCommand());

    /** What can stand behind "container" and is a command without it, too. */
    private static final Set<String> CONTAINER_WORDS =
            Set.of(
                    "attach", "commit", "cp", "create", "diff", "exec", "explain", "export", "kill",
                    "logs", "pause", "port", "rename", "restart", "rm", "run", "start", "stats",
                    "stop", "top", "trace", "unpause", "update", "wait");

    /** The same for "image". */
    private static final Set<String> IMAGE_WORDS =
            Set.of("build", "history", "import", "load", "pull", "push", "save", "tag");

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
        boolean group = name.equals("container") || name.equals("image");
        return group && !words.isEmpty() ? null : named(name);
    }

    /** One behind the word of a group, such as "volume ls". */
    private static @Nullable Command inGroup(String group, String word) {
        return switch (group) {
            case "container" ->
                    switch (word) {
                        case "ls", "list", "ps" -> named("ps");
                        case "remove" -> named("rm");
                        default ->
                                named(CONTAINER_WORDS.contains(word) ? word : group + " " + word);
                    };
            case "image" ->
                    switch (word) {
                        case "ls", "list" -> named("images");
                        case "rm", "remove" -> named("rmi");
                        default -> named(IMAGE_WORDS.contains(word) ? word : group + " " + word);
                    };
            case "pod" ->
                    named(
                            switch (word) {
                                case "ls", "list" -> "pod ps";
                                case "remove" -> "pod rm";
                                default -> group + " " + word;
                            });
            case "builder" -> named(word.equals("build") ? word : group + " " + word);
            default ->
                    named(
                            switch (word) {
                                case "list" -> group + " ls";
                                case "remove" -> group + " rm";
                                default -> group + " " + word;
                            });
        };
    }

    /** What can stand behind this word, and the commands that these are; none: no group. */
    static Map<String, Command> group(String name) {
        var group = new TreeMap<String, Command>();
        for (Command command : ALL) {
            String own = command.name();
            boolean container = name.equals("container") && CONTAINER_WORDS.contains(own);
            boolean image = name.equals("image") && IMAGE_WORDS.contains(own);
            boolean builder = name.equals("builder") && own.equals("build");
            if (container || image || builder) {
                group.put(own, command);
            } else if (own.startsWith(name + " ")) {
                group.put(own.substring(name.length() + 1), command);
            } else if (name.equals("container") && own.equals("ps")
                    || name.equals("image") && own.equals("images")) {
                group.put("ls", command);
            } else if (name.equals("image") && own.equals("rmi")) {
                group.put("rm", command);
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
