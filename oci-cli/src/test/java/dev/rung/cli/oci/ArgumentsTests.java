package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Messages are those of runc 1.1.5 on the same command lines. */
class ArgumentsTests {
    private static Arguments parse(String command, String... argv) {
        Syntax syntax =
                command.isEmpty() ? Syntaxes.GLOBAL : Objects.requireNonNull(Syntaxes.of(command));
        return Arguments.parse(syntax, List.of(argv), 0);
    }

    @Test
    void shouldTakeOneDashAndTwo() {
        for (String[] argv :
                new String[][] {
                    {"-bundle", "/b", "id"},
                    {"--bundle", "/b", "id"},
                    {"-b", "/b", "id"},
                    {"--b", "/b", "id"},
                    {"--bundle=/b", "id"},
                    {"-b=/b", "id"},
                    {"--bundle", "/a", "--bundle", "/b", "id"},
                    {"id", "--bundle", "/b"},
                    {"--bundle", "/b", "--", "id"}
                }) {
            Arguments arguments = parse("create", argv);
            assertThat(arguments.text("bundle")).isEqualTo("/b");
            assertThat(arguments.has("bundle")).isTrue();
            assertThat(arguments.words()).containsExactly("id");
        }
    }

    @Test
    void shouldGiveFlagsAValueOnlyBehindEquals() {
        assertThat(parse("run", "--detach", "false").flag("detach")).isTrue();
        assertThat(parse("run", "--detach", "false").words()).containsExactly("false");
        assertThat(parse("run", "--detach=false", "id").flag("detach")).isFalse();
        assertThat(parse("run", "--detach=T", "id").flag("detach")).isTrue();
        assertThat(parse("run", "id").flag("detach")).isFalse();
        assertThat(parse("run", "id").has("detach")).isFalse();
    }

    @Test
    void shouldLeaveTheWordsOfExecAlone() {
        Arguments arguments = parse("exec", "-e", "A=1,2", "--env=B", "id", "ls", "-e", "--", "x");
        assertThat(arguments.words()).containsExactly("id", "ls", "-e", "--", "x");
        assertThat(arguments.texts("env")).containsExactly("A=1,2", "B");
        assertThat(parse("exec", "--", "-id", "x").words()).containsExactly("-id", "x");
    }

    @Test
    void shouldTakeWhatIsUnknownBehindWordsAsAWord() {
        assertThat(parse("delete", "id", "--bogus").words()).containsExactly("id", "--bogus");
        assertThat(parse("delete", "id", "-").words()).containsExactly("id", "-");
    }

    @Test
    void shouldRefuseInTheWordsOfGo() {
        assertThatThrownBy(() -> parse("create", "--foo", "x"))
                .hasMessage("flag provided but not defined: -foo");
        assertThatThrownBy(() -> parse("create", "--preserve-fds"))
                .hasMessage("flag needs an argument: -preserve-fds");
        assertThatThrownBy(() -> parse("create", "--preserve-fds=x", "y"))
                .hasMessage("invalid value \"x\" for flag -preserve-fds: parse error");
        assertThatThrownBy(() -> parse("create", "--no-pivot=zz", "y"))
                .hasMessage("invalid boolean value \"zz\" for -no-pivot: parse error");
        assertThatThrownBy(() -> parse("events", "--interval=x", "y"))
                .hasMessage("invalid value \"x\" for flag -interval: parse error");
        assertThatThrownBy(() -> parse("", "-=x", "list")).hasMessage("bad flag syntax: -=x");
        assertThatThrownBy(() -> parse("", "---x", "list")).hasMessage("bad flag syntax: ---x");
    }

    @Test
    void shouldCountWords() {
        assertThatThrownBy(() -> parse("create").exactly(1))
                .hasMessage("\"create\" requires exactly 1 argument(s)");
        assertThatThrownBy(() -> parse("kill").atLeast(1))
                .hasMessage("\"kill\" requires a minimum of 1 argument(s)");
        assertThatThrownBy(() -> parse("kill", "a", "b", "c").atMost(2))
                .hasMessage("\"kill\" requires a maximum of 2 argument(s)");
    }

    @Test
    void shouldStopTheGlobalOptionsAtTheCommand() {
        Arguments arguments = parse("", "--root", "/r", "--debug", "run", "--detach", "id");
        assertThat(arguments.text("root")).isEqualTo("/r");
        assertThat(arguments.flag("debug")).isTrue();
        assertThat(arguments.words()).containsExactly("run", "--detach", "id");
        assertThat(arguments.text("log-format")).isEqualTo("text");
        assertThat(arguments.has("log-format")).isFalse();
    }

    @Test
    void shouldAskForHelp() {
        assertThat(parse("create", "-h").help()).isTrue();
        assertThat(parse("create", "--help", "--bogus").help()).isTrue();
        assertThat(parse("create", "id").help()).isFalse();
    }

    @Test
    void shouldReadDurations() {
        assertThat(parse("events", "id").nanoseconds("interval")).isEqualTo(5_000_000_000L);
        assertThat(parse("events", "--interval=1m2.5s", "id").nanoseconds("interval"))
                .isEqualTo(62_500_000_000L);
        assertThat(parse("events", "--interval", "250ms", "id").nanoseconds("interval"))
                .isEqualTo(250_000_000L);
    }
}
