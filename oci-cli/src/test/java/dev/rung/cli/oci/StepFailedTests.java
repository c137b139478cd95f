package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.resident.FailureRecord;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepFailedTests {
    private static StepFailed failed(int error, String key, String say, String text) {
        return new StepFailed(
                "", new FailureRecord(1, 12, error, 0, key, say, text), "", "fsmount");
    }

    @Test
    void shouldSayRuncsWordsThenThePlace() {
        StepFailed failed = failed(1, "mounts[0]", "error mounting \"proc\"", "");
        assertThat(failed.text())
                .isEqualTo(
                        "error mounting \"proc\": operation not permitted"
                                + " (config.json: mounts[0], step 12, fsmount)");
        assertThat(failed.fields())
                .isEqualTo(Map.of("key", "mounts[0]", "step", "12", "syscall", "fsmount"));
    }

    @Test
    void shouldTellWhatHelpersSaid() {
        assertThat(failed(0x1003, "hooks.prestart[0]", "error running hook #0", "no\nnot at all\n"))
                .hasMessage("error running hook #0: exit status 3, output: no not at all");
        assertThat(failed(0x2009, "", "error running hook #0", ""))
                .hasMessage("error running hook #0: signal: killed");
    }

    @Test
    void shouldNameProgramsThatCannotBeExecuted() {
        assertThat(failed(0x3000, "", "exec: \"x\": executable file not found in $PATH", "/bin/x"))
                .hasMessage("exec: \"x\": executable file not found in $PATH");
        assertThat(failed(2, "", "exec: \"/x\"", "/x"))
                .hasMessage("exec: \"/x\": stat /x: no such file or directory");
        assertThat(failed(13, "", "exec: \"/x\"", "/x"))
                .hasMessage("exec: \"/x\": permission denied");
    }
}
