package dev.rung.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller who may have few files open. */
@SystemTest
class DescriptorLimitTests {

    private static Command limited(Sandbox sandbox, int files) {
        Bundle bundle = sandbox.bundle().act("exit", "3").remove("process.rlimits");
        return sandbox.call("run", bundle, sandbox.newId())
                .under("sh", "-c", "ulimit -n " + files + "; exec \"$@\"", "-");
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 32})
    void shouldRunWithFewDescriptors(int files, Sandbox sandbox) {
        assertThat(limited(sandbox, files).run().ended(3).errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 8, 6})
    void shouldSayThatThereAreTooFew(int files, Sandbox sandbox) {
        sandbox.runtime().command("features").succeed(); // a resident is there now
        assertThat(limited(sandbox, files).run().refused().errors())
                .contains("too many open files");
    }

    @Test
    void shouldSayThatThereAreTooFewForAResident(Sandbox sandbox) {
        assumeTrue(sandbox.runtime().isRung(), "peers have none");
        limited(sandbox, 8)
                .with("RUNG_RESIDENT", "off")
                .run()
                .failedSaying("rung-oci: cannot start the resident: too many open files");
    }

    /** It would serve others with the limit of the caller who happened to start it. */
    @Test
    void shouldKeepNoResidentOfSuchACaller(Sandbox sandbox) {
        assumeTrue(sandbox.runtime().isRung(), "peers have none");
        Path home = sandbox.folder().resolve("home");

        limited(sandbox, 32).with("RUNG_HOME", home.toString()).run().ended(3);

        assertThat(home.resolve("run")).isEmptyDirectory();
    }
}
