package dev.rung.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** What --help prints, laid out as docker's. */
final class HelpText {
    private HelpText() {}

    static String all() {
        var text = new StringBuilder();
        text.append("Usage:  rung [OPTIONS] COMMAND\n\nRuns containers.\n\nCommands:\n");
        var lines = new ArrayList<String[]>();
        for (Command command : Commands.all()) {
            lines.add(new String[] {command.name(), command.synopsis().about()});
        }
        // these two the front end does by itself
        lines.add(new String[] {"daemon", "Run the engine in the foreground, as rungd does"});
        lines.add(new String[] {"demo", "Show it at work, in an engine that vanishes"});
        columns(text, lines);
        text.append("\nRun 'rung COMMAND --help' for more information on a command.\n");
        return text.toString();
    }

    /** Of the commands that share a first word. */
    static String group(String name) {
        var text = new StringBuilder();
        text.append("Usage:  rung ").append(name).append(" COMMAND\n\nCommands:\n");
        var lines = new ArrayList<String[]>();
        Commands.group(name)
                .forEach((word, command) ->
                        lines.add(new String[] {word, command.synopsis().about()}));
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
            var lines = new ArrayList<String[]>();
            for (OptionSpec option : options) {
                lines.add(new String[] {names(option), option.description()[0]});
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

    private static void columns(StringBuilder text, List<String[]> lines) {
        int width = 0;
        for (String[] line : lines) {
            width = Math.max(width, line[0].length());
        }
        for (String[] line : lines) {
            text.append("  ").append(line[0]).repeat(" ", width + 2 - line[0].length());
            text.append(line[1]).append('\n');
        }
    }
}
