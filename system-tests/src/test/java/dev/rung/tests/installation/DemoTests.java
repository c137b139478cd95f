package dev.rung.tests.installation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What {@code rung demo} shows. */
@SystemTest
@NeedsProgram({"busybox", "unshare"})
class DemoTests {
    @Test
    void shouldRunAnEngineOfItsOwnAndLeaveNothing(Sandbox sandbox) {
        assumeTrue(sandbox.runtime().isRung(), "peers have no demo of ours");
        Path bin = sandbox.runtime().binary().toAbsolutePath().getParent();

        Outcome shown =
                Command.of(bin.resolve("rung").toString(), "demo")
                        .with("TMPDIR", sandbox.folder().toString())
                        .succeed();

        assertThat(shown.output())
                .contains(
                        "an image of BusyBox",
                        "run --detach --runtime host",
                        "What was isolated",
                        "in-host",
                        "The start under host",
                        "slowest: ",
                        "pivot_root",
                        "And away again");
        assertThat(
                        Command.of("find", sandbox.folder().toString(), "-name", "tmp.*")
                                .succeed()
                                .output())
                .isEmpty();
    }
}
