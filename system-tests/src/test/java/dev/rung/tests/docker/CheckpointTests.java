package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * {@code docker checkpoint}, and a start from one; RUNG_TEST_CRIU names a criu that works on this
 * kernel where Debian's does not.
 */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox", "docker", "criu"})
@TestInstance(Lifecycle.PER_CLASS)
class CheckpointTests {
    private static final String COUNT =
            "i=0; while :; do i=$((i+1)); echo $i; echo $i >/new; cat /new >/count; sleep 0.05;"
                    + " done";

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    private String criu = "";

    @BeforeAll
    void begin() {
        side = new DockerSide();
        String path = Command.of("sh", "-c", "command -v criu").succeed().output().strip();
        criu = System.getenv().getOrDefault("RUNG_TEST_CRIU", path);
        String settings = "experimental = true\ncriu = \"" + criu + "\"\n";
        side.engine().configure("rung.toml", settings);
        side.engine().rung("system", "shutdown").succeed();
        side.engine().rung("ps").succeed();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    @Test
    void shouldGoOnWhereItWas() {
        boolean works = Command.of(criu, "check").run().status() == 0;
        assumeTrue(works, criu + " does not work on this kernel: RUNG_TEST_CRIU may name one");
        side.says("run -d --name walker " + DockerSide.IMAGE + " sh -c", COUNT);
        awaitMore(3);

        assertThat(side.says("checkpoint create --leave-running walker first")).isEqualTo("first");
        side.await("walker", ".State.Running", "true");
        awaitMore(count());
        int written = count();
        assertThat(side.says("checkpoint create walker second")).isEqualTo("second");

        side.await("walker", ".State.Status", "exited");
        assertThat(side.says("checkpoint ls walker").lines())
                .containsExactly("CHECKPOINT NAME", "first", "second");
        side.says("start --checkpoint second walker");
        awaitMore(written);
        assertThat(count()).isBetween(written, written + 1000);
        assertThat(side.says("logs --tail 1 walker")).containsPattern("[0-9]+");

        side.engine().kill();
        side.engine().rung("ps").succeed(); // starts another
        awaitMore(count());
        side.says("checkpoint rm walker first");
        assertThat(side.engine().rung("checkpoint", "ls", "walker").succeed().output())
                .isEqualTo("CHECKPOINT NAME\nsecond\n");
        assertThat(side.tries("checkpoint create walker second").errors())
                .contains("checkpoint with name second already exists for container walker");
        side.remove("walker");
        side.engine().leavesNothing();
    }

    @Test
    void shouldLetTheContainerGoOnWhateverCriuSays() {
        side.says("run -d --name stayer " + DockerSide.IMAGE + " sleep 100");

        Outcome outcome = side.tries("checkpoint create --leave-running stayer some");

        if (outcome.status() != 0) {
            assertThat(outcome.errors())
                    .contains("Cannot checkpoint container stayer: criu failed: ")
                    .contains("Error (criu/")
                    .contains("criu/dump.log)");
            assertThat(side.says("checkpoint ls stayer").lines()).hasSize(1);
        }
        assertThat(side.says("inspect --format {{.State.Status}} stayer")).isEqualTo("running");
        side.remove("stayer");
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        side.says("run -d --name other " + DockerSide.IMAGE + " sleep 100");
        assertThat(side.tries("checkpoint create other ../x").errors())
                .contains("Invalid checkpoint ID (../x)");
        assertThat(side.tries("start --checkpoint none other").errors())
                .contains("checkpoint none does not exist for container");
        side.says("stop --time 0 other");
        assertThat(side.tries("checkpoint create other some").errors()).contains("is not running");
        side.engine()
                .rung("run", "-d", "--name", "mapped", DockerSide.IMAGE, "sleep", "100")
                .succeed();
        boolean mapped =
                side.engine()
                        .rung("exec", "mapped", "cat", "/proc/self/uid_map")
                        .succeed()
                        .output()
                        .matches("(?s)\\s*0\\s+[1-9].*");
        Outcome refused = side.tries("checkpoint create mapped some");
        assertThat(!mapped || refused.errors().contains("make it with --userns=host")).isTrue();
        side.remove("other", "mapped");
    }

    private void awaitMore(int before) {
        Patience.await(() -> count() > before, () -> "the count stays at " + before);
    }

    private int count() {
        var text = new AtomicReference<>("");
        Patience.await(
                () -> {
                    text.set(side.says("exec walker cat /count"));
                    return !text.get().isEmpty(); // as it is for a moment with each new number
                },
                () -> "there is no count");
        return Integer.parseInt(text.get());
    }
}
