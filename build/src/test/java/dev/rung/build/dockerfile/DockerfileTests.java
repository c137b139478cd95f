package dev.rung.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.build.dockerfile.Instruction.Copy;
import dev.rung.build.dockerfile.Instruction.Env;
import dev.rung.build.dockerfile.Instruction.Health;
import dev.rung.build.dockerfile.Instruction.Label;
import dev.rung.build.dockerfile.Instruction.Run;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTests {
    private static Dockerfile parse(String text) {
        return Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Instruction one(String text) {
        return parse("FROM base\n" + text).stages().getFirst().instructions().getFirst();
    }

    /** -Drung.golden=true writes them anew. */
    @ParameterizedTest
    @ValueSource(strings = {"service", "stages", "continued"})
    void shouldReadAsStored(String name) throws IOException {
        Path golden = Path.of("src/test/golden");
        Dockerfile read =
                Dockerfile.parse(Files.readAllBytes(golden.resolve(name + ".Dockerfile")));
        var listing = new StringBuilder("escape " + read.escape() + "\n");
        read.globals().forEach(arg -> listing.append(arg).append('\n'));
        read.stages()
                .forEach(stage -> {
                    listing.append("\n").append(stage.from()).append('\n');
                    stage.instructions().forEach(each -> listing.append(each).append('\n'));
                });
        read.warnings()
                .forEach(warning -> listing.append("warning: ").append(warning).append("\n"));
        Path stored = golden.resolve(name + ".parsed");
        if (Boolean.getBoolean("rung.golden")) {
            Files.writeString(stored, listing);
        }
        assertThat(listing.toString()).isEqualTo(Files.readString(stored));
    }

    @Test
    void shouldReadPairsInBothForms() {
        assertThat(((Env) one("ENV A=1 B=\"two words\" C=a\\ b")).variables())
                .containsExactly(
                        new Variable("A", "1", false),
                        new Variable("B", "\"two words\"", false),
                        new Variable("C", "a\\ b", false));
        assertThat(((Env) one("ENV OLD a  b  c")).variables())
                .containsExactly(new Variable("OLD", "a  b  c", true));
        assertThat(((Label) one("LABEL \"a.b\"=c")).labels())
                .containsExactly(new Variable("\"a.b\"", "c", false));
    }

    @Test
    void shouldTellLinesForTheShellFromLists() {
        assertThat(((Run) one("RUN [\"a\", \"b c\"]")).command().words())
                .containsExactly("a", "b c");
        assertThat(((Run) one("RUN [ a ] && b")).command())
                .isEqualTo(new Instruction.CommandLine(true, List.of("[ a ] && b"), List.of()));
        assertThatThrownBy(() -> one("RUN [\"a\", 1]")).hasMessageContaining("strings only");
    }

    @Test
    void shouldReadHeredocs() {
        var run = (Run) one("RUN <<A cat <<-'B'\none $X\nA\n\ttwo\n\tB\nRUN next");
        assertThat(run.command().heredocs().getFirst().content()).isEqualTo("one $X\n");
        assertThat(run.command().heredocs().getLast().text()).isEqualTo("two\n");
        assertThat(run.command().heredocs().getLast().expands()).isFalse();
        var copy = (Copy) one("COPY --chmod=755 <<\"f.sh\" a /d/\n#!/bin/sh\nf.sh\n");
        assertThat(copy.contents().getFirst().content()).isEqualTo("#!/bin/sh\n");
        assertThat(copy.sources()).containsExactly("a");
        assertThat(copy.flags().chmod()).isEqualTo("755");
        assertThatThrownBy(() -> one("RUN <<EOF\nno end")).hasMessageContaining("unterminated");
        assertThat(((Run) one("RUN echo $((1<<2))")).command().heredocs()).isEmpty();
    }

    @Test
    void shouldReadHealthChecks() {
        var health = (Health) one("HEALTHCHECK --interval=1m30s --retries=2 CMD [\"x\"]");
        assertThat(health.check().test()).containsExactly("CMD", "x");
        assertThat(health.check().intervalNs()).isEqualTo(90_000_000_000L);
        assertThat(health.check().retries()).isEqualTo(2);
        assertThat(((Health) one("HEALTHCHECK NONE")).check().test()).containsExactly("NONE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    FOO bar;unknown instruction: FOO
                    RUN --foo x;unknown flag: --foo
                    RUN --network=x y;unsupported network mode
                    COPY a;requires at least two arguments
                    COPY --from=a --from=b c d;duplicate flag specified: --from
                    COPY --link=maybe a b;expecting boolean value for flag
                    COPY --chown a b;missing a value on flag: --chown
                    ENV A;must have two arguments
                    ENV A=1 B;can't find = in
                    ENV =1;names can not be blank
                    ARG;requires at least one argument
                    ONBUILD FROM x;isn't allowed as an ONBUILD trigger
                    ONBUILD ONBUILD RUN x;Chaining ONBUILD
                    ONBUILD NOPE;unknown instruction
                    SHELL sh -c;requires the arguments to be in JSON form
                    HEALTHCHECK --interval=5 CMD x;invalid duration
                    HEALTHCHECK RUN x;Unknown type
                    WORKDIR;requires exactly one argument
                    FROM a AS 1;invalid name for build stage
                    FROM a b;FROM requires either one or three arguments
                    VOLUME [""];can not be an empty string
                    """)
    void shouldSayWhatIsWrongAndWhere(String line, String why) {
        assertThatThrownBy(() -> one("# a comment\n" + line))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("dockerfile parse error on line 3: ")
                .hasMessageContaining(why);
    }

    @Test
    void shouldRefuseWhatIsTooLong() {
        assertThatThrownBy(() -> parse("FROM a\nRUN " + "x".repeat(70_000)))
                .hasMessageContaining("line greater than max allowed size");
        assertThatThrownBy(() -> parse("FROM a\n" + "RUN x\n".repeat(2_000_000)))
                .hasMessageContaining("max allowed size");
        assertThatThrownBy(() -> parse("")).hasMessageContaining("cannot be empty");
        assertThatThrownBy(() -> parse("# only this\n")).hasMessageContaining("cannot be empty");
        assertThatThrownBy(() -> parse("RUN x\n")).hasMessageContaining("no build stage");
    }

    @Test
    void shouldReadMounts() {
        RunMount cache =
                RunMount.parse("type=cache,id=go,target=/go,sharing=locked,mode=0700,uid=3");
        assertThat(cache.sharing()).isEqualTo(RunMount.Sharing.LOCKED);
        assertThat(cache.mode()).isEqualTo(0700);
        assertThat(cache.readOnly()).isFalse();
        assertThat(RunMount.parse("target=/x").readOnly()).isTrue();
        assertThat(RunMount.parse("target=/x,rw").readOnly()).isFalse();
        assertThat(RunMount.parse("type=secret,id=s,required").required()).isTrue();
        assertThat(RunMount.parse("type=tmpfs,target=/t,size=2m").sizeLimit()).isEqualTo(2 << 20);
        assertThat(RunMount.parse("\"target=/a,b\",type=bind").target()).isEqualTo("/a,b");
        for (String wrong :
                List.of(
                        "type=nfs,target=/x",
                        "target",
                        "target=/x,size=1",
                        "target=/x,mode=0700",
                        "type=secret",
                        "type=secret,id=a,source=b",
                        "type=cache",
                        "type=bind,target=/x,sharing=locked",
                        "target=/x,foo=bar")) {
            assertThatThrownBy(() -> RunMount.parse(wrong)).isInstanceOf(Failure.Invalid.class);
        }
    }
}
