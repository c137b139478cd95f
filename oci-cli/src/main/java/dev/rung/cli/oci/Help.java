package dev.rung.cli.oci;

import java.util.ArrayList;
import java.util.List;

/** The help texts, laid out as runc's. */
final class Help {
    private Help() {}

    static String of(Syntax syntax) {
        var text = new StringBuilder(1024);
        boolean options = syntax.options().stream().anyMatch(option -> !option.hidden());
        text.append("NAME:\n   rung-oci ").append(syntax.name()).append(" - ");
        text.append(syntax.summary()).append("\n\nUSAGE:\n   rung-oci ").append(syntax.name());
        text.append(options ? " [command options] " : " ").append(syntax.words()).append('\n');
        if (!syntax.remark().isEmpty()) {
            text.append('\n').append(syntax.remark()).append('\n');
        }
        if (!syntax.description().isEmpty()) {
            text.append("\nDESCRIPTION:\n").append(syntax.description()).append('\n');
        }
        if (options) {
            text.append("\nOPTIONS:\n");
            options(text, syntax);
        }
        return text.toString();
    }

    /** The help of the program as a whole; {@code root} is the folder used without --root. */
    static String all(String root) {
        var text = new StringBuilder(4096);
        text.append("NAME:\n   rung-oci - ").append(Syntaxes.GLOBAL.summary()).append("\n\n");
        text.append(Syntaxes.GLOBAL.remark());
        text.append("\n\nUSAGE:\n   rung-oci [global options] command [command options]");
        text.append(" [arguments...]\n\nVERSION:\n   ").append(Version.lines());
        text.append("\nCOMMANDS:\n");
        var rows = new ArrayList<String[]>();
        for (Syntax command : Syntaxes.all()) {
            rows.add(new String[] {command.name(), command.summary()});
        }
        rows.add(new String[] {"help, h", "print this, or the help of a command"});
        columns(text, rows);
        text.append("\nGLOBAL OPTIONS:\n");
        rows.clear();
        for (Option option : Syntaxes.GLOBAL.options()) {
            if (option.name().equals("root")) {
                rows.add(row(option.or(root)));
            } else if (!option.hidden()) {
                rows.add(row(option));
            }
        }
        rows.add(new String[] {"--help, -h", "print this"});
        rows.add(new String[] {"--version, -v", "print the version"});
        columns(text, rows);
        return text.toString();
    }

    private static void options(StringBuilder text, Syntax syntax) {
        var rows = new ArrayList<String[]>();
        for (Option option : syntax.options()) {
            if (!option.hidden()) {
                rows.add(row(option));
            }
        }
        columns(text, rows);
    }

    private static String[] row(Option option) {
        String value = option.takesValue() ? " value" : "";
        String names = "--" + option.name() + value;
        if (!option.letter().isEmpty()) {
            names += ", -" + option.letter() + value;
        }
        String absent = "";
        if (option.takesValue() && !option.absent().isEmpty()) {
            absent =
                    option.kind() == Option.Kind.TEXT
                            ? " (default: \"" + option.absent() + "\")"
                            : " (default: " + option.absent() + ")";
        }
        return new String[] {names, option.about() + absent};
    }

    private static void columns(StringBuilder text, List<String[]> rows) {
        int width = 0;
        for (String[] row : rows) {
            width = Math.max(width, row[0].length());
        }
        for (String[] row : rows) {
            text.append("   ").append(row[0]).repeat(" ", width - row[0].length() + 2);
            text.append(row[1]).append('\n');
        }
    }
}
