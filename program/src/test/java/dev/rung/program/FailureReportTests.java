package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Errno;
import org.junit.jupiter.api.Test;

class FailureReportTests {
    @Test
    void shouldSayWhatWasDoneAndWhyItFailed() {
        assertThat(report(Errno.EPERM, "error mounting \"proc\"", "").message())
                .isEqualTo("error mounting \"proc\": operation not permitted");
        assertThat(report(Errno.ENOENT, "", "").message()).isEqualTo("no such file or directory");
    }

    @Test
    void shouldSayHowASpawnedProgramEnded() {
        assertThat(report(0x1000 + 3, "error running hook #0", " no\n disk \n").message())
                .isEqualTo("error running hook #0: exit status 3, output: no\\n disk");
        assertThat(report(0x2000 + 9, "error running hook #0", "").message())
                .isEqualTo("error running hook #0: signal: killed");
        assertThat(report(0x1000 + 3, "", "").exitStatus()).isEqualTo(3);
        assertThat(report(0x2000 + 9, "", "").signal()).isEqualTo(9);
        assertThat(report(0x2000 + 9, "", "").errno()).isZero();
    }

    @Test
    void shouldAddNothingToWordsThatSayAll() {
        String words = "exec: \"sh\": executable file not found in $PATH";
        assertThat(report(0x3000, words, "/bin/sh").message()).isEqualTo(words);
    }

    private static FailureReport report(int error, String say, String text) {
        return new FailureReport(1, 2, error, 0, "key", say, text);
    }
}
