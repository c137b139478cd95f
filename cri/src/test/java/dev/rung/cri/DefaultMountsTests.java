package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.cri.v1.Mount;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefaultMountsTests {
    private static final Mount ASKED =
            Mount.newBuilder().setHostPath("/a").setContainerPath("/run/secrets").build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private List<Mount> with(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("mounts.conf"), text);
        Path second = Files.writeString(folder.resolve("second"), "/:/nowhere\n");
        return new DefaultMounts(List.of(folder.resolve("none"), file, second))
                .with(List.of(ASKED));
    }

    @Test
    void shouldAddThoseOfTheFirstFileThatIsThere() throws IOException {
        String both = folder.toString();

        assertThat(with("# mounts\n\n " + both + ":/given\n" + both + "\n"))
                .containsExactly(
                        ASKED,
                        Mount.newBuilder()
                                .setHostPath(both)
                                .setContainerPath("/given")
                                .setReadonly(true)
                                .build(),
                        Mount.newBuilder()
                                .setHostPath(both)
                                .setContainerPath(both)
                                .setReadonly(true)
                                .build());
        assertThat(new DefaultMounts(List.of()).with(List.of(ASKED))).containsExactly(ASKED);
    }

    @Test
    void shouldLeaveOutWhatIsMountedAnywayOrHasNoSource() throws IOException {
        assertThat(with(folder + ":/run/secrets\n/there/is/none:/given\n")).containsExactly(ASKED);
    }

    @Test
    void shouldRefuseWhatIsNoPath() {
        assertThatThrownBy(() -> with("secrets:/given\n"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageEndingWith("\"secrets:/given\": want /SOURCE:/TARGET");
    }
}
