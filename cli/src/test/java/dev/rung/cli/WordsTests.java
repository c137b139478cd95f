package dev.rung.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

class WordsTests {
    private static final Command RUN = new RunCommand(true);

    @Test
    void shouldReadOptionsAsDockerDoes() {
        ParseResult result =
                parse(
                        RUN,
                        "-it",
                        "--rm=false",
                        "-eA=1",
                        "-e",
                        "B=2",
                        "--name",
                        "x",
                        "-m",
                        "64m",
                        "img");
        assertThat(flag(result, "-i")).isTrue();
        assertThat(flag(result, "-t")).isTrue();
        assertThat(flag(result, "--rm")).isFalse();
        assertThat(result.matchedOptionValue("--env", List.of())).isEqualTo(List.of("A=1", "B=2"));
        assertThat(result.matchedOptionValue("--memory", "")).isEqualTo("64m");
        assertThat(Words.words(result)).containsExactly("img");
    }

    @Test
    void shouldLeaveTheCommandAlone() {
        ParseResult result = parse(RUN, "--rm", "img", "sh", "-c", "exit 1", "--rm=x", "-d");
        assertThat(Words.words(result))
                .containsExactly("img", "sh", "-c", "exit 1", "--rm=x", "-d");
        assertThat(flag(result, "-d")).isFalse();
        assertThat(Words.words(parse(RUN, "img", "--", "x"))).containsExactly("img", "--", "x");
        assertThat(Words.words(parse(RUN, "img", "@file"))).containsExactly("img", "@file");
    }

    @Test
    void shouldTakeOptionsBehindWordsElsewhere() {
        ParseResult result = parse(new RemoveCommand(), "a", "-f", "b");
        assertThat(flag(result, "-f")).isTrue();
        assertThat(Words.words(result)).containsExactly("a", "b");
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertThatThrownBy(() -> parse(RUN, "--nope", "img"))
                .isInstanceOf(UsageError.class)
                .hasMessage("unknown flag: --nope");
        assertThatThrownBy(() -> parse(RUN, "-Z", "img"))
                .hasMessage("unknown shorthand flag: 'Z' in -Z");
        assertThatThrownBy(() -> parse(RUN, "--name")).hasMessage("flag needs an argument: --name");
    }

    @Test
    void shouldFindCommandsByTheirLongNames() {
        assertThat(name("ps")).isEqualTo("ps");
        assertThat(name("container", "ls")).isEqualTo("ps");
        assertThat(name("image", "rm")).isEqualTo("rmi");
        assertThat(name("container", "inspect")).isEqualTo("container inspect");
        assertThat(Commands.find(new ArrayList<>(List.of("nope")))).isNull();
    }

    @Test
    void shouldReadDetachKeys() {
        assertThat(Attachment.keys("ctrl-p,ctrl-q")).containsExactly(0x10, 0x11);
        assertThat(Attachment.keys("a")).containsExactly('a');
        assertThatThrownBy(() -> Attachment.keys("ctrl-")).isInstanceOf(UsageError.class);
    }

    private static String name(String... words) {
        return Objects.requireNonNull(Commands.find(new ArrayList<>(List.of(words)))).name();
    }

    private static boolean flag(ParseResult result, String name) {
        return result.matchedOptionValue(name, false);
    }

    private static ParseResult parse(Command command, String... words) {
        return Words.parse(command, List.of(words));
    }
}
