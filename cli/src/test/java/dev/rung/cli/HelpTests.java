package dev.rung.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTests {
    @Test
    void shouldShowExamplesThatWork() {
        for (Command command : Commands.all()) {
            assertThat(command.examples()).as(command.name()).isNotEmpty();
            for (String example : command.examples()) {
                assertThat(example).startsWith(command.name());
                List<String> words = words(example);
                assertThat(Commands.find(words)).as(example).isSameAs(command);
                List<String> given = Words.words(Words.parse(command, words));
                assertThat(given.size()).as(example).isGreaterThanOrEqualTo(command.least());
            }
        }
    }

    /** As a shell takes it up to a pipe: words in single quotes are one. */
    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        String own = line.replaceAll(" [|<>].*", "");
        for (String part : own.split(" (?=(?:[^']*'[^']*')*[^']*$)")) {
            words.add(part.replace("'", ""));
        }
        return words;
    }
}
