package dev.rung.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import picocli.CommandLine.Model.OptionSpec;

/** What --help prints, laid out as docker's. */
final class HelpText {
    private HelpText() {}

    /** Shown before all others: what people do most, and what Rung shows of itself. */
    private static final List<String> COMMON =
            List.of(
                    "run",
                    "exec",
                    "ps",
                    "build",
                    "pull",
                    "push",
                    "images",
                    "login",
                    "logout",
                    "explain",
                    "trace",
                    "runtimes",
                    "info",
                    "version");

    /** First words of more than one, and what these commands have in common. */
    private static final Map<String, String> GROUPS =
            new TreeMap<>(
                    Map.of(
                            "builder", "Manage builds",
                            "checkpoint", "Manage checkpoints",
                            "config", "Read configurations of containerd and CRI-O",
                            "container", "Manage containers",
                            "image", "Manage images",
                            "network", "Manage networks",
                            "pod", "Manage pods",
                            "secret", "Manage secrets",
                            "system", "Manage the engine",
                            "volume", "Manage volumes"));

    static String all() {
        var others = new TreeMap<String, String>();
        for (Command command : Commands.all()) {
            if (command.name().indexOf(' ') < 0) {
                others.put(command.name(), command.synopsis().about());
            }
        }
        // these two the front end does by itself
        others.put("daemon", "Run the engine in the foreground, as rungd does");
        others.put("demo", "Show it at work, in an engine that vanishes");
        var common = new LinkedHashMap<String, String>();
        for (String name : COMMON) {
            common.put(name, Objects.requireNonNull(others.remove(name), name));
        }
        var text = new StringBuilder();
        text.append("Usage:  rung [OPTIONS] COMMAND\n\nRuns containers.\n\nCommon Commands:\n");
        columns(text, common);
        text.append("\nManagement Commands:\n");
        columns(text, GROUPS);
        text.append("\nCommands:\n");
        columns(text, others);
        text.append("\nRun 'rung COMMAND --help' for more information on a command.\n");
        return text.toString();
    }

    /** Of the commands that share a first word. */
    static String group(String name) {
        var text = new StringBuilder();
        text.append("Usage:  rung ").append(name).append(" COMMAND\n\nCommands:\n");
        var lines = new TreeMap<String, String>();
        Commands.group(name)
                .forEach((word, command) -> lines.put(word, command.synopsis().about()));
        columns(text, lines);
        text.append("\nRun 'rung ").append(name);
        text.append(" COMMAND --help' for more information on a command.\n");
        return text.toString();
    }

    static String of(Command command) {
        var text = new StringBuilder();
        text.append(command.synopsis().usage());
        text.append("\n\n").append(command.synopsis().about()).append('\n');
        List<OptionSpec> options = command.options();
        if (!options.isEmpty()) {
            text.append("\nOptions:\n");
            var lines = new LinkedHashMap<String, String>();
            for (OptionSpec option : options) {
                lines.put(names(option), option.description()[0]);
            }
            columns(text, lines);
        }
        if (!command.examples().isEmpty()) {
            text.append("\nExamples:\n");
            for (String example : command.examples()) {
                text.append("  rung ").append(example).append('\n');
            }
        }
        return text.toString();
    }

    private static String names(OptionSpec option) {
        String letter = "    ";
        String name = "";
        for (String each : option.names()) {
            if (each.startsWith("--")) {
                name = each;
            } else {
                letter = each + ", ";
            }
        }
        String kind = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        return letter + name + kind;
    }

    private static void columns(StringBuilder text, Map<String, String> lines) {
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        lines.forEach((name, about) ->
                text.append("  ")
                        .append(name)
                        .repeat(" ", width + 2 - name.length())
                        .append(about)
                        .append('\n'));
    }
}
