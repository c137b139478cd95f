package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Json;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Docker promises of a container from create to rm, with the runtime in daemon.json. */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "iptables"})
class DockerLifecycleTests extends AgainstDockerd {
    DockerLifecycleTests() {
        super(Map.of());
    }

    @Test
    void shouldStartWhatWasCreated() {
        docker.docker("create --name=box --network=none rung-test echo created").succeed();
        assertThat(docker.inspect("box", ".State.Status")).isEqualTo("created");

        Outcome outcome = docker.docker("start --attach box").succeed();

        assertThat(outcome.output()).isEqualTo("created\n");
        assertThat(docker.inspect("box", ".State.Status")).isEqualTo("exited");
    }

    @Test
    void shouldRemoveWhatWasOnlyCreated() {
        docker.docker("create --name=box --network=none rung-test true").succeed();

        docker.docker("rm box").succeed();

        assertThat(docker.docker("ps -aq").succeed().output()).isEmpty();
    }

    @Test
    void shouldStopBySigtermAndKeepTheStatus() {
        docker.start(
                "--name=box", "sh -c", "trap 'exit 9' TERM; echo up; while :; do sleep .1; done");
        docker.awaitLogs("box", "up");

        docker.docker("stop box").succeed();

        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("9");
    }

    @Test
    void shouldStopByTheSignalOfTheImage() {
        docker.start("--name=box --stop-signal=SIGUSR2", "/observer signals");
        docker.awaitLogs("box", "ready");

        docker.docker("stop --time=1 box").succeed();

        assertThat(docker.logs("box")).isEqualTo("ready\nsignal USR2\n");
    }

    @Test
    void shouldKillWhatDoesNotStopInTime() {
        docker.start("--name=box", "sleep 1000");

        docker.docker("stop --time=0 box").succeed();

        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("137");
    }

    @Test
    void shouldSendSignals() {
        docker.start("--name=box", "/observer signals");
        docker.awaitLogs("box", "ready");

        docker.docker("kill --signal=USR1 box").succeed();
        docker.awaitLogs("box", "signal USR1");
        docker.docker("kill --signal=15 box").succeed();

        assertThat(docker.docker("wait box").succeed().output()).isEqualTo("0\n");
    }

    @Test
    void shouldPassSignalsOfTheAttachedClient() {
        try (var client = docker.docker(docker.runLine("", "/observer signals")).start()) {
            client.awaitOutput(output -> output.contains("ready"));

            client.signal("HUP");
            client.awaitOutput(output -> output.contains("signal HUP"));
            client.signal("TERM");

            client.awaitOutput(output -> output.contains("signal TERM"));
        }
    }

    @Test
    void shouldKillAllProcessesOfTheContainer() {
        docker.start("--name=box", "sh -c", "sleep 1000 & sleep 1000 & echo up; wait");
        docker.awaitLogs("box", "up");

        docker.docker("kill box").succeed();

        assertThat(docker.docker("wait box").succeed().output()).isEqualTo("137\n");
    }

    @Test
    void shouldPauseAndUnpause() {
        docker.start("--name=box", "sh -c", "while :; do echo tick; sleep 0.01; done");
        docker.awaitLogs("box", "tick");

        docker.docker("pause box").succeed();
        assertThat(docker.inspect("box", ".State.Status")).isEqualTo("paused");
        docker.docker("exec box true").run().failedSaying("is paused");
        String before = docker.logs("box");
        assertThat(docker.logs("box")).isEqualTo(before);

        docker.docker("unpause box").succeed();
        assertThat(docker.inspect("box", ".State.Status")).isEqualTo("running");
        Patience.await(() -> !docker.logs("box").equals(before), () -> "it printed nothing more");
    }

    @Test
    void shouldRemoveWhatIsPausedByForce() {
        docker.start("--name=box", "sleep 1000");
        docker.docker("pause box").succeed();

        docker.docker("rm --force box").succeed();

        assertThat(docker.docker("ps -aq").succeed().output()).isEmpty();
    }

    @Test
    void shouldRestart() {
        docker.start("--name=box", "sh -c", "echo up; sleep 1000");
        docker.awaitLogs("box", "up");

        docker.docker("restart --time=0 box").succeed();

        docker.awaitLogs("box", "up\nup\n");
    }

    @Test
    void shouldStartAgainWhatFailed() {
        docker.start("--name=box --restart=on-failure:2", "sh -c", "echo try; exit 3");

        docker.await("box", ".RestartCount", "2");
        docker.await("box", ".State.Status", "exited");
        assertThat(docker.logs("box")).isEqualTo("try\ntry\ntry\n");
        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("3");
    }

    @Test
    void shouldLimitResources() throws IOException {
        String id =
                docker.start(
                        "--memory=64m --cpus=0.5 --cpu-shares=512 --pids-limit=33 --cpuset-cpus=0",
                        "sleep 1000");

        assertThat(value("memory", id, "memory.limit_in_bytes")).isEqualTo("67108864");
        assertThat(value("cpu", id, "cpu.cfs_quota_us")).isEqualTo("50000");
        assertThat(value("cpu", id, "cpu.shares")).isEqualTo("512");
        assertThat(value("pids", id, "pids.max")).isEqualTo("33");
        assertThat(value("cpuset", id, "cpuset.cpus")).isEqualTo("0");
    }

    @Test
    void shouldUpdateResourcesOfWhatRuns() throws IOException {
        String id = docker.start("--memory=64m", "sleep 1000");

        docker.docker("update --memory=32m --memory-swap=32m --cpus=0.25 --pids-limit=44 " + id)
                .succeed();

        assertThat(value("memory", id, "memory.limit_in_bytes")).isEqualTo("33554432");
        assertThat(value("cpu", id, "cpu.cfs_quota_us")).isEqualTo("25000");
        assertThat(value("pids", id, "pids.max")).isEqualTo("44");
    }

    @Test
    void shouldTellThatMemoryRanOut() {
        // The shim hears of what happens after the start, dockerd of what happened before the end.
        String shell = "sleep 1; /observer allocate 100; status=$?; sleep 1; exit $status";
        docker.start("--name=box --memory=16m --memory-swap=16m", "sh -c", shell);

        assertThat(docker.docker("wait box").succeed().output()).isEqualTo("137\n");
        assertThat(docker.inspect("box", ".State.OOMKilled")).isEqualTo("true");
    }

    @Test
    void shouldTellStatistics() {
        docker.start("--name=box --memory=64m", "sleep 1000");

        Outcome outcome =
                docker.docker("stats --no-stream --format", "{{json .}}", "box").succeed();

        Map<String, ?> stats = Json.readObject(outcome.output());
        assertThat(stats.get("PIDs")).isEqualTo("1");
        assertThat(stats.get("MemUsage")).asString().endsWith(" / 64MiB");
        assertThat(stats.get("MemUsage")).asString().doesNotStartWith("0B");
    }

    @Test
    void shouldCheckTheHealth() {
        docker.start("--name=box --health-cmd=true --health-interval=200ms", "sleep 1000");

        docker.await("box", ".State.Health.Status", "healthy");
    }

    @Test
    void shouldListProcesses() {
        docker.start("--name=box", "sh -c", "sleep 1000 & sleep 1001 & wait");

        Patience.await(
                () -> docker.docker("top box").succeed().output().lines().count() == 4,
                () -> docker.docker("top box").succeed().output());
        assertThat(docker.docker("top box").succeed().output()).contains("sleep 1001");
    }

    @Test
    void shouldLeaveNoCgroupOfWhatWasRemoved() {
        String id = docker.start("--memory=64m", "sleep 1000");
        assertThat(docker.cgroup("memory", id)).exists();

        docker.docker("rm --force " + id).succeed();

        assertThat(docker.cgroup("memory", id)).doesNotExist();
        assertThat(docker.cgroup("devices", id)).doesNotExist();
    }

    @Test
    void shouldGoOnAfterAFailedStart() {
        docker.docker("create --name=box --network=none rung-test no-such-program").succeed();

        docker.docker("start box").run().failedSaying("executable file not found in $PATH");

        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("127");
        docker.docker("rm box").succeed();
        assertThat(docker.run("--name=box", "echo again").output()).isEqualTo("again\n");
    }

    @Test
    void shouldTellWhenItsProcessIsKilledFromOutside() {
        String id = docker.start("--name=box", "sleep 1000");
        String pid = docker.inspect(id, ".State.Pid");

        docker.room().command("kill", "-KILL", pid).succeed();

        docker.await("box", ".State.Status", "exited");
        assertThat(docker.inspect("box", ".State.ExitCode")).isEqualTo("137");
    }

    private String value(String controller, String id, String file) throws IOException {
        Path folder = docker.cgroup(controller, id);
        assumeTrue(folder.startsWith("/sys/fs/cgroup/" + controller), "reads files of cgroup v1");
        return Files.readString(folder.resolve(file)).strip();
    }
}
