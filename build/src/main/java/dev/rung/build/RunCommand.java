package dev.rung.build;

import dev.rung.build.dockerfile.Instruction.CommandLine;
import dev.rung.build.dockerfile.Instruction.Heredoc;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a RUN runs.
 *
 * @param words program and arguments
 * @param script a program that stands in the Dockerfile, to lie at {@link #SCRIPT}; null: none
 */
record RunCommand(List<String> words, @Nullable String script) {
    /** In a file system in memory that every container has. */
    static final String SCRIPT = "/dev/pipes/script";

    /** Texts that follow are a program, the lines of the shell, or input of what the line runs. */
    static RunCommand of(CommandLine command, Settings settings) {
        List<Heredoc> heredocs = command.heredocs();
        if (heredocs.isEmpty() || command.words().isEmpty()) {
            return new RunCommand(settings.complete(command), null);
        }
        String line = command.words().getFirst();
        Heredoc first = heredocs.getFirst();
        if (!isAlone(line, first.name())) {
            var whole = new StringBuilder(line);
            for (Heredoc heredoc : heredocs) {
                whole.append('\n').append(heredoc.content()).append(heredoc.name());
            }
            return new RunCommand(shell(whole.toString(), settings), null);
        }
        String text = first.text();
        return text.startsWith("#!")
                ? new RunCommand(List.of(SCRIPT), text)
                : new RunCommand(shell(text, settings), null);
    }

    private static boolean isAlone(String line, String name) {
        return line.matches("\\d*<<-?\\s*[\"']?" + Pattern.quote(name) + "[\"']?");
    }

    private static List<String> shell(String line, Settings settings) {
        return settings.complete(new CommandLine(true, List.of(line), List.of()));
    }
}
