package dev.rung.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executor's check of programs, under AddressSanitizer and UBSan. */
class CheckFuzzTests {
    private static final String ROUNDS = "40000";
    private static final String SEED = "20261101";

    @TempDir Path folder;

    @Test
    void shouldReadNothingBeyondAProgramWhateverItsBytes() throws Exception {
        Path driver = HostedCheck.build("check_fuzz", folder);
        Machine machine = HostedCheck.machine();
        Path every =
                Files.write(
                        folder.resolve("every"),
                        SamplePrograms.everyOp(machine, "/nonexistent/m").bytes());
        Path small = Files.write(folder.resolve("small"), SamplePrograms.small(machine).bytes());
        Path wide = Files.write(folder.resolve("wide"), SamplePrograms.wide(machine).bytes());

        HostedCheck.Ended ended =
                HostedCheck.run(
                        List.of(
                                driver.toString(),
                                ROUNDS,
                                SEED,
                                every.toString(),
                                small.toString(),
                                wide.toString()));

        assertThat(ended.status()).as(ended.output()).isZero();
        assertThat(ended.output()).matches("\\d+ accepted\n");
    }
}
