package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code dockerd --userns-remap}: containers in user namespaces, with the runtime in daemon.json.
 */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "iptables"})
class DockerUsernsTests extends AgainstDockerd {
    DockerUsernsTests() {
        super(Map.of("userns-remap", Room.USER));
    }

    @Test
    void shouldMapTheSubordinateIds() {
        Observation seen = docker.observe("");

        assertThat(seen.of("uid")).isEqualTo("0 0 0 0");
        assertThat(words(seen.of("uid_map", 0))).containsExactly("0", "200000", "65536");
        assertThat(words(seen.of("gid_map", 0))).containsExactly("0", "200000", "65536");
        assertThat(seen.of("cap.effective")).isEqualTo("00000000a80425fb");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
    }

    @Test
    void shouldRunAsAnotherUserOnTheHost() throws Exception {
        String id = docker.start("--name=box --user=1000", "sleep 1000");

        Path process = Path.of("/proc", docker.inspect(id, ".State.Pid"));

        assertThat(Files.getAttribute(process, "unix:uid"))
                .isEqualTo(Room.FIRST_SUBORDINATE + 1000);
    }

    @Test
    void shouldConnectTheDefaultBridge() {
        Outcome outcome = docker.run("--network=bridge", "sh -c", "ip -4 addr show eth0");

        assertThat(outcome.succeeded().output()).contains("inet 172.");
    }

    @Test
    void shouldSetSysctlsOfItsNamespaces() {
        Outcome outcome =
                docker.run(
                        "--sysctl=net.ipv4.ip_unprivileged_port_start=77",
                        "cat /proc/sys/net/ipv4/ip_unprivileged_port_start");

        assertThat(outcome.output()).isEqualTo("77\n");
    }

    @Test
    void shouldExecInTheUserNamespace() {
        docker.start("--name=box", "sleep 1000");

        Observation seen = docker.docker("exec box /observer").succeed().observed();

        assertThat(words(seen.of("uid_map", 0))).containsExactly("0", "200000", "65536");
        assertThat(seen.of("uid")).isEqualTo("0 0 0 0");
    }

    @Test
    void shouldRunOnATerminal() {
        Outcome outcome = docker.run("-t", "/observer see tty uid");

        assertThat(outcome.succeeded().output()).contains("tty.name /dev/pts/0", "uid 0 0 0 0");
    }

    @Test
    void shouldMountVolumesAndTmpfs() {
        Outcome outcome =
                docker.run(
                        "--volume=data:/data --tmpfs=/scratch --read-only",
                        "/observer write /data/file x , write /scratch/file x , write /file x");

        assertThat(outcome.output().lines()).hasSize(3);
        assertThat(outcome.output()).endsWith("error EROFS\n").startsWith("ok ");
        docker.docker("volume rm data").succeed();
    }

    @Test
    void shouldStopAndPause() {
        docker.start("--name=box", "/observer signals");
        docker.awaitLogs("box", "ready");

        docker.docker("pause box").succeed();
        docker.docker("unpause box").succeed();
        docker.docker("stop box").succeed();

        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("0");
    }

    @Test
    void shouldStayInTheUserNamespaceOfTheHostWhenAskedTo() {
        Observation seen = docker.observe("--userns=host");

        assertThat(words(seen.of("uid_map", 0))).containsExactly("0", "0", "4294967295");
    }

    private static String[] words(String line) {
        return line.strip().split(" +");
    }
}
