package dev.rung.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.image.ContainerDefaults;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageChangesTests {
    private static ContainerDefaults with(String... lines) {
        return ImageChanges.of(List.of(lines)).apply(ContainerDefaults.none());
    }

    @Test
    void shouldTakeCommandsOfBothForms() {
        assertThat(with("CMD [\"a\", \"b c\"]").cmd()).containsExactly("a", "b c");
        assertThat(with("cmd a b").cmd()).containsExactly("/bin/sh", "-c", "a b");
        assertThat(with("CMD [a]").cmd()).containsExactly("/bin/sh", "-c", "[a]");
    }

    @Test
    void shouldDropTheCommandOfAnotherProgram() {
        ContainerDefaults before = with("CMD [\"old\"]");

        ContainerDefaults after = ImageChanges.of(List.of("ENTRYPOINT [\"new\"]")).apply(before);
        assertThat(after.entrypoint()).containsExactly("new");
        assertThat(after.cmd()).isNull();
        assertThat(with("CMD [\"x\"]", "ENTRYPOINT [\"new\"]").cmd()).containsExactly("x");
    }

    @Test
    void shouldSetVariablesAndLabels() {
        assertThat(with("ENV A=1 B=\"two words\" C=d\\ e", "ENV A 3 4").env())
                .containsExactly("A=3 4", "B=two words", "C=d e");
        assertThat(with("LABEL a='b \"c\"' d=").labels())
                .isEqualTo(Map.of("a", "b \"c\"", "d", ""));
    }

    @Test
    void shouldReplaceVariables() {
        assertThat(with("ENV A=1 B=two", "ENV C=${A}3", "LABEL l=$B", "WORKDIR /$B").env())
                .containsExactly("A=1", "B=two", "C=13");
        assertThat(with("ENV B=two", "LABEL l=$B").labels()).isEqualTo(Map.of("l", "two"));
        assertThat(with("ENV B=two", "WORKDIR /$B").workingDir()).isEqualTo("/two");
        assertThat(with("ENV B=two", "CMD [\"$B\"]").cmd()).containsExactly("$B");
        assertThat(with()).isEqualTo(ContainerDefaults.none());
    }

    @Test
    void shouldSetTheRest() {
        ContainerDefaults all =
                with(
                        "EXPOSE 80 53/udp 90-91",
                        "VOLUME /a /b",
                        "VOLUME [\"/c d\"]",
                        "USER joe:users",
                        "WORKDIR /x",
                        "WORKDIR y",
                        "STOPSIGNAL SIGINT",
                        "ONBUILD RUN true",
                        "HEALTHCHECK --interval=1m30s --retries=2 CMD test -e /ok");

        assertThat(all.exposedPorts())
                .containsExactlyInAnyOrder("80/tcp", "53/udp", "90/tcp", "91/tcp");
        assertThat(all.volumes()).containsExactly("/a", "/b", "/c d");
        assertThat(all.user()).isEqualTo("joe:users");
        assertThat(all.workingDir()).isEqualTo("/x/y");
        assertThat(all.stopSignal()).isEqualTo("SIGINT");
        assertThat(all.onBuild()).containsExactly("RUN true");
        assertThat(all.healthcheck())
                .isEqualTo(
                        new ContainerDefaults.Healthcheck(
                                List.of("CMD-SHELL", "test -e /ok"), 90_000_000_000L, 0, 0, 0, 2));
    }

    @Test
    void shouldRefuseWhatChangesMore() {
        assertThatThrownBy(() -> with("RUN rm -rf /"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("RUN is not a valid change command");
        assertThatThrownBy(() -> with("JUMP high"))
                .hasMessage("dockerfile parse error on line 1: unknown instruction: JUMP");
        assertThatThrownBy(() -> with("SHELL [\"/bin/ash\"]"))
                .hasMessage("SHELL is not a valid change command");
        assertThatThrownBy(() -> with("EXPOSE none")).hasMessageContaining("invalid containerPort");
        assertThatThrownBy(() -> with("ENV A=\"b"))
                .hasMessageContaining("looking for matching double-quote");
    }
}
