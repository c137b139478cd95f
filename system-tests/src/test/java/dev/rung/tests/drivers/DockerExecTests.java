package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docker exec}, and terminals of {@code run} and {@code exec}. */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "iptables", "script"})
class DockerExecTests extends AgainstDockerd {
    /** The keys that leave a container running and let the client go. */
    private static final String DETACH = "\u0010\u0011";

    private static final String INTERRUPT = "\u0003";
    private static final Duration SOON = Duration.ofSeconds(20);

    DockerExecTests() {
        super(Map.of());
    }

    @BeforeEach
    void startAContainer() {
        docker.start("--name=box --env=ORIGIN=box --workdir=/tmp", "/observer signals");
    }

    @Test
    void shouldGiveOutputErrorsAndStatus() {
        Outcome outcome = docker.docker("exec box sh -c", "echo out; echo err >&2; exit 7").run();

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
    }

    @Test
    void shouldPassStdinToItsEnd() {
        Outcome outcome = docker.docker("exec -i box cat").reading("given\n").succeed();

        assertThat(outcome.output()).isEqualTo("given\n");
    }

    @Test
    void shouldRunBesideTheFirstProcess() {
        Observation first = docker.observe("--pid=container:box");

        Observation seen = docker.docker("exec box /observer").succeed().observed();

        assertThat(seen.of("namespace", "pid")).isEqualTo(first.of("namespace", "pid"));
        assertThat(seen.of("namespace", "mnt")).isNotEqualTo(first.of("namespace", "mnt"));
        assertThat(seen.of("cap.effective")).isEqualTo(first.of("cap.effective"));
        assertThat(seen.of("seccomp")).isEqualTo("2");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(seen.list("environ")).contains("ORIGIN=box", "HOME=/root");
        assertThat(seen.of("cwd")).isEqualTo("/tmp");
        assertThat(seen.list("cgroup")).anyMatch(line -> line.contains("/rung-docker/"));
    }

    @Test
    void shouldSetUserEnvironmentAndFolder() {
        Observation seen =
                docker.docker("exec --user=1000 --env=COLOUR=blue --workdir=/etc box /observer")
                        .succeed()
                        .observed();

        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("cap.effective")).isEqualTo("0000000000000000");
        assertThat(seen.list("environ")).contains("COLOUR=blue", "HOME=/home/user");
        assertThat(seen.of("cwd")).isEqualTo("/etc");
    }

    @Test
    void shouldGrantMoreWhenPrivileged() {
        assumeTrue(Room.isRung(), "peers fail with a capability that they cannot grant");

        Observation seen = docker.docker("exec --privileged box /observer").succeed().observed();

        assertThat(seen.of("cap.effective")).isNotEqualTo("00000000a80425fb");
    }

    @Test
    void shouldRunInTheBackground() {
        docker.docker("exec -d box sh -c", "sleep 0.2; echo done >/tmp/file").succeed();

        Patience.await(
                () -> docker.docker("exec box cat /tmp/file").run().output().equals("done\n"),
                () -> "the file was not written");
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        Outcome outcome = docker.docker("exec box no-such-program").run();

        assertThat(outcome.status()).isIn(126, 127); // dockerd 20.10 says 126, later ones 127
        assertThat(outcome.output() + outcome.errors())
                .contains("exec: \"no-such-program\": executable file not found in $PATH");
    }

    @Test
    void shouldSayThatAProgramMayNotBeExecuted() {
        Outcome outcome = docker.docker("exec box /etc/passwd").run();

        assertThat(outcome.status()).isEqualTo(126);
        assertThat(outcome.output() + outcome.errors()).contains("permission denied");
    }

    @Test
    void shouldSayThatTheContainerIsNotRunning() {
        docker.docker("kill box").succeed();

        docker.docker("exec box true").run().failedSaying("is not running");
    }

    @Test
    void shouldRunOnATerminalOfTheClientsSize() {
        try (Terminal terminal = docker.terminal(docker.runLine("-it", "/observer see tty"))) {
            Outcome outcome = terminal.await(SOON).succeeded();

            assertThat(outcome.output()).contains("tty.name /dev/pts/0");
        }
        String shell = "until stty size | grep -v '^0 0'; do :; done";
        try (Terminal terminal = docker.terminal(docker.runLine("-it", "sh -c"), shell)) {
            assertThat(terminal.await(SOON).succeeded().output()).contains("33 77");
        }
    }

    @Test
    void shouldTalkOnATerminal() {
        try (Terminal terminal = docker.terminal(docker.runLine("-it", "sh"))) {
            terminal.await("#").type("echo a$((1 + 1))b; exit 5\n");

            Outcome outcome = terminal.await(SOON);

            assertThat(outcome.output()).contains("a2b\r\n");
            assertThat(outcome.status()).isEqualTo(5);
        }
    }

    @Test
    void shouldFollowTheSizeOfTheWindow() {
        String shell = "trap 'stty size' WINCH; echo up; while :; do sleep 0.1; done";
        try (Terminal terminal = docker.terminal(docker.runLine("-it", "sh -c"), shell)) {
            terminal.await("up").await("33 77"); // the client looks at its window after the start
            Patience.await(
                    () -> {
                        terminal.resize(terminal.output().contains("30 90") ? 100 : 90, 30);
                        return terminal.output().contains("30 100");
                    },
                    terminal::output);
        }
    }

    @Test
    void shouldInterruptByControlC() {
        String shell = "trap 'echo caught; exit 4' INT; echo up; while :; do sleep 0.1; done";
        try (Terminal terminal = docker.terminal(docker.runLine("-it", "sh -c"), shell)) {
            terminal.await("up").type(INTERRUPT);

            assertThat(terminal.await(SOON).ended(4).output()).contains("caught");
        }
    }

    @Test
    void shouldDetachAndAttachAgain() {
        String line = "run -it --network=none --name=term rung-test sh";
        try (Terminal terminal = docker.terminal(line)) {
            terminal.await("#").type(DETACH);
            terminal.await(SOON).succeeded();
        }
        assertThat(docker.inspect("term", ".State.Status")).isEqualTo("running");

        try (Terminal terminal = docker.terminal("attach term")) {
            terminal.type("echo a$((1 + 1))b; exit\n").await("a2b");
            terminal.await(SOON).succeeded();
        }
    }

    @Test
    void shouldExecOnATerminal() {
        try (Terminal terminal = docker.terminal("exec -it box sh")) {
            terminal.await("#").type("tty; stty size; exit 6\n");

            Outcome outcome = terminal.await(SOON).ended(6);

            assertThat(outcome.output()).contains("/dev/pts/0", "33 77");
        }
    }

    @Test
    void shouldGiveATerminalWithoutOneOfTheClient() {
        Outcome outcome = docker.run("-t", "/observer see tty");

        assertThat(outcome.succeeded().output()).contains("tty.name /dev/pts/0\r\n");
    }
}
