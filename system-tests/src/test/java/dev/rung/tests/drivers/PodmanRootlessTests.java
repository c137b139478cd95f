package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code podman --runtime} as an ordinary user, with subordinate ids and no rights on cgroups. */
@SystemTest
@NeedsProgram({"podman", "conmon", "newuidmap", "setpriv", "script"})
class PodmanRootlessTests extends AgainstPodman {
    private static final Duration SOON = Duration.ofSeconds(20);

    PodmanRootlessTests() {
        super(true);
    }

    @Test
    void shouldGiveOutputErrorsAndStatus() {
        Outcome outcome = podman.run("", "sh -c", "echo out; echo err >&2; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
    }

    @Test
    void shouldBeRootOnlyInside() {
        Observation seen = podman.observe("");

        assertThat(seen.of("uid")).isEqualTo("0 0 0 0");
        assertThat(words(seen.of("uid_map", 0))).containsExactly("0", "" + Room.UID, "1");
        assertThat(words(seen.of("uid_map", 1)))
                .containsExactly("1", "" + Room.FIRST_SUBORDINATE, "65536");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(seen.of("pid")).isEqualTo("1");
        assertThat(seen.of("seccomp")).isEqualTo("2");
    }

    @Test
    void shouldSwitchToAnotherUser() {
        Observation seen = podman.observe("--user=1000:1000");

        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("cap.effective")).isEqualTo("0000000000000000");
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        Outcome outcome = podman.run("", "no-such-program");

        assertThat(outcome.status()).isEqualTo(127);
        assertThat(outcome.errors()).contains("executable file not found in $PATH");
    }

    @Test
    void shouldExec() {
        podman.start("--name=box", "sleep 1000");

        Outcome outcome = podman.podman("exec box sh -c", "cat /proc/1/cmdline; exit 6").run();

        assertThat(outcome.status()).isEqualTo(6);
        assertThat(outcome.output()).contains("sleep");
    }

    @Test
    void shouldKeepIdsOfTheUser() {
        Observation seen = podman.observe("--userns=keep-id");

        assertThat(seen.of("uid")).startsWith(Room.UID + " ");
    }

    @Test
    void shouldStopAndKill() {
        podman.start("--name=box", "/observer signals");
        podman.awaitLogs("box", "ready");

        podman.podman("kill --signal=USR1 box").succeed();
        podman.awaitLogs("box", "signal USR1");
        podman.podman("stop box").succeed();

        assertThat(podman.inspect("box", ".State.ExitCode")).isEqualTo("0");
    }

    @Test
    void shouldMountVolumesAndTmpfs() {
        Outcome outcome =
                podman.run(
                        "--read-only --read-only-tmpfs=false --volume=data:/data --tmpfs=/scratch",
                        "/observer write /data/file x , write /scratch/file x , write /file x");

        assertThat(outcome.output()).startsWith("ok ").endsWith("error EROFS\n");
        assertThat(outcome.output().lines()).hasSize(3);
        podman.podman("volume rm data").succeed();
    }

    @Test
    void shouldRunOnATerminal() {
        try (Terminal terminal = podman.terminal(podman.runLine("--rm -it", "sh"))) {
            terminal.await("#").type("tty; stty size; exit 5\n");

            assertThat(terminal.await(SOON).ended(5).output()).contains("/dev/pts/0", "33 77");
        }
    }

    @Test
    void shouldRunPods() {
        podman.podman(
                        "pod create --name=pod --network=none --infra-image=localhost/rung-test"
                                + " --infra-command",
                        "/observer signals")
                .succeed();
        podman.start("--pod=pod --name=one", "sleep 1000");

        Observation first = podman.podman("exec one /observer").succeed().observed();
        Observation second = podman.observe("--pod=pod");

        assertThat(second.of("namespace", "net")).isEqualTo(first.of("namespace", "net"));
        assertThat(second.of("namespace", "user")).isEqualTo(first.of("namespace", "user"));
    }

    private static String[] words(String line) {
        return line.strip().split(" +");
    }
}
