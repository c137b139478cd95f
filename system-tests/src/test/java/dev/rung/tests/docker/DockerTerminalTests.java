package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.drivers.Terminal;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Docker's command line on a real terminal: sizes, keys, detaching. */
@SystemTest
@NeedsProgram({"docker", "script", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class DockerTerminalTests {
    private static final Duration SOON = Duration.ofSeconds(20);

    @SuppressWarnings("NullAway.Init")
    private DockerSide side;

    @BeforeAll
    void begin() {
        side = new DockerSide();
        side.engine().rung("version").succeed();
    }

    @AfterAll
    void end() {
        if (side != null) {
            side.close();
        }
    }

    @Test
    void shouldGiveTheTerminalsSizeAndItsChanges() {
        try (Terminal terminal = side.terminal("run -it --rm " + DockerSide.IMAGE)) {
            // the size comes when the container runs already
            terminal.type("while [ \"$(stty size)\" != '33 77' ]; do usleep 10000; done\n");
            terminal.type("echo is' 'there\n").await("is there\r");
            terminal.resize(101, 44);
            terminal.type("while [ \"$(stty size)\" != '44 101' ]; do usleep 10000; done\n");
            terminal.type("echo is' 'resized\n").await("is resized\r");
            terminal.type("exit 5\n");
            assertThat(terminal.await(SOON).status()).isEqualTo(5);
        }
    }

    @Test
    void shouldInterruptByKeyAndEndByKey() throws Exception {
        try (Terminal terminal = side.terminal("run -it --rm " + DockerSide.IMAGE)) {
            terminal.type("echo is' 'up; sleep 100\n").await("is up\r");
            Thread.sleep(1000); // until the shell has its program in the foreground
            terminal.type("\3").type("echo status' '$?\n").await("status 130");
            terminal.type("\4");
            assertThat(terminal.await(SOON).status()).isZero();
        }
    }

    @Test
    void shouldDetachByKeysAndAttachAgain() {
        try (Terminal terminal = side.terminal("run -it --name tdetach " + DockerSide.IMAGE)) {
            terminal.type("echo is' 'up\n").await("is up\r").type("\20\21");
            assertThat(terminal.await(SOON).status()).isZero();
        }
        side.await("tdetach", ".State.Running", "true");
        try (Terminal terminal = side.terminal("attach --detach-keys ctrl-x,x tdetach")) {
            terminal.type("echo is' 'back\n").await("is back\r").type("\30x");
            terminal.await(SOON);
        }
        side.await("tdetach", ".State.Running", "true");
        try (Terminal terminal = side.terminal("attach tdetach")) {
            terminal.type("exit 3\n");
            assertThat(terminal.await(SOON).status()).isEqualTo(3);
        }
        try (Terminal terminal = side.terminal("start -ai tdetach")) {
            terminal.type("exit 4\n");
            assertThat(terminal.await(SOON).status()).isEqualTo(4);
        }
        side.remove("tdetach");
    }

    @Test
    void shouldHaveTerminalsForProcessesBeside() {
        side.says("run -d --name texec " + DockerSide.IMAGE + " sleep 300");
        try (Terminal terminal = side.terminal("exec -it -e SEEN=yes -w /tmp texec sh")) {
            terminal.type("echo $SEEN' '$(pwd)\n").await("yes /tmp");
            terminal.resize(90, 30);
            terminal.type("while [ \"$(stty size)\" != '30 90' ]; do usleep 10000; done\n");
            terminal.type("echo is' 'resized\n").await("is resized\r");
            terminal.type("exit 6\n");
            assertThat(terminal.await(SOON).status()).isEqualTo(6);
        }
        side.remove("texec");
    }

    @Test
    void shouldPassSignalsOnAndTellHowItEnded() {
        String image = DockerSide.IMAGE;
        assertThat(side.tries("run --rm --pull never nosuch:image").status()).isEqualTo(125);
        try (var running =
                side.docker(
                                "run --rm --name tsignal " + image,
                                "sh",
                                "-c",
                                "trap 'exit 42' TERM; echo up; while :; do sleep 0.1; done")
                        .start()) {
            running.awaitOutput(output -> output.contains("up"));
            side.says("kill --signal TERM tsignal");
            assertThat(running.await(SOON).status()).isEqualTo(42);
        }
        try (var running =
                side.docker("run --rm --name tkilled " + image, "sh", "-c", "echo up; sleep 100")
                        .start()) {
            running.awaitOutput(output -> output.contains("up"));
            side.says("kill tkilled");
            assertThat(running.await(SOON).status()).isEqualTo(137);
        }
    }
}
