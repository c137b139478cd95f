package dev.rung.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTests {
    @Test
    void shouldShowExamplesThatWork() {
        for (Command command : Commands.all()) {
            boolean shown = false;
            for (String example : command.examples()) {
                for (String part : example.split(" [|] ")) {
                    String call = part.replaceFirst("^rung ", "");
                    if (call.startsWith(command.name() + " ") || call.equals(command.name())) {
                        check(command, call);
                        shown = true;
                    }
                }
            }
            assertThat(shown).as("an example of " + command.name()).isTrue();
        }
    }

    @Test
    void shouldListEachCommandOnce() {
        List<String> listed = listed(HelpText.all());

        assertThat(listed).doesNotHaveDuplicates();
        for (Command command : Commands.all()) {
            String[] words = command.name().split(" ");
            assertThat(listed).contains(words[0]);
            if (words.length > 1) {
                assertThat(listed(HelpText.group(words[0]))).contains(words[1]);
            }
        }
    }

    /** As the shells' completions read it. */
    private static List<String> listed(String help) {
        return help.lines()
                .dropWhile(line -> !line.endsWith("Commands:"))
                .filter(line -> line.startsWith("  "))
                .map(line -> line.strip().split(" ")[0])
                .toList();
    }

    private static void check(Command command, String call) {
        List<String> words = words(call);
        assertThat(Commands.find(words)).as(call).isSameAs(command);
        List<String> given = Words.words(Words.parse(command, words));
        assertThat(given.size())
                .as(call)
                .isGreaterThanOrEqualTo(command.synopsis().count().least());
    }

    /** As a shell takes it: words in single quotes are one. */
    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        String own = line.replaceAll(" [<>].*", "");
        for (String part : own.split(" (?=(?:[^']*'[^']*')*[^']*$)", -1)) {
            words.add(part.replace("'", ""));
        }
        return words;
    }
}
