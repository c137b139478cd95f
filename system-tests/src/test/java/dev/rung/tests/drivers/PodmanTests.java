package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Json;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** {@code podman --runtime} as root, with conmon. */
@SystemTest
@NeedsProgram({"podman", "conmon", "script"})
class PodmanTests extends AgainstPodman {
    private static final Duration SOON = Duration.ofSeconds(20);

    PodmanTests() {
        super(false);
    }

    @Test
    void shouldGiveOutputErrorsAndStatus() {
        Outcome outcome = podman.run("", "sh -c", "echo out; echo err >&2; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
    }

    @Test
    void shouldPassStdinToItsEnd() {
        String line = podman.runLine("--rm -i", "cat");

        assertThat(podman.podman(line).reading("given\n").succeed().output()).isEqualTo("given\n");
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        Outcome outcome = podman.run("", "no-such-program");

        assertThat(outcome.status()).isEqualTo(127);
        assertThat(outcome.errors()).contains("executable file not found in $PATH");
    }

    @Test
    void shouldSayThatAProgramMayNotBeExecuted() {
        Outcome outcome = podman.run("", "/etc/passwd");

        assertThat(outcome.status()).isEqualTo(126);
        assertThat(outcome.errors().toLowerCase(Locale.ROOT)).contains("permission denied");
    }

    @Test
    void shouldShowOnlyItsOwn() {
        Observation seen =
                podman.observe("--env=COLOUR=blue --workdir=/etc --user=1000 --hostname=box");

        assertThat(seen.of("pid")).isEqualTo("1");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(seen.list("environ")).contains("COLOUR=blue", "HOME=/home/user");
        assertThat(seen.of("cwd")).isEqualTo("/etc");
        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("hostname")).isEqualTo("box");
        assertThat(seen.of("seccomp")).isEqualTo("2");
    }

    @Test
    void shouldMakeTheRootReadOnlyButTmpfsWritable() {
        Outcome outcome =
                podman.run(
                        "--read-only --read-only-tmpfs=false --tmpfs=/scratch",
                        "/observer write /file x , write /scratch/file x");

        assertThat(outcome.output()).startsWith("error EROFS\nok ");
    }

    @Test
    void shouldExec() {
        podman.start("--name=box --env=ORIGIN=box", "sleep 1000");

        Outcome outcome = podman.podman("exec box sh -c", "echo $ORIGIN; exit 6").run();

        assertThat(outcome.status()).isEqualTo(6);
        assertThat(outcome.output()).isEqualTo("box\n");
        assertThat(podman.podman("exec box no-such-program").run().status()).isEqualTo(127);
        assertThat(podman.podman("exec -i box cat").reading("given").succeed().output())
                .isEqualTo("given");
        Observation seen =
                podman.podman("exec --user=1000 --workdir=/etc box /observer").succeed().observed();
        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("cwd")).isEqualTo("/etc");
    }

    @Test
    void shouldStopKillAndKeepTheStatus() {
        podman.start("--name=one", "/observer signals");
        podman.awaitLogs("one", "ready");
        podman.podman("kill --signal=USR1 one").succeed();
        podman.awaitLogs("one", "signal USR1");
        podman.podman("stop one").succeed();
        assertThat(podman.inspect("one", ".State.ExitCode")).isEqualTo("0");

        podman.start("--name=two", "sleep 1000");
        podman.podman("stop --time=0 two").succeed();
        assertThat(podman.inspect("two", ".State.ExitCode")).isEqualTo("137");
    }

    @Test
    void shouldPauseAndUnpause() {
        podman.start("--name=box", "sleep 1000");

        podman.podman("pause box").succeed();
        assertThat(podman.inspect("box", ".State.Status")).isEqualTo("paused");

        podman.podman("unpause box").succeed();
        assertThat(podman.inspect("box", ".State.Status")).isEqualTo("running");
    }

    @Test
    void shouldLimitResourcesAndTellStatistics() {
        podman.start("--name=box --memory=64m --pids-limit=33", "sleep 1000");

        Outcome outcome =
                podman.podman("stats --no-stream --format", "{{.MemUsage}} {{.PIDS}}", "box")
                        .succeed();

        assertThat(outcome.output()).contains("/ 67.11MB 1");
    }

    @Test
    void shouldUpdateResources() throws IOException {
        String id = podman.start("--memory=64m", "sleep 1000");
        Path cgroup = Path.of("/sys/fs/cgroup/memory/libpod_parent/libpod-" + id);
        assumeTrue(Files.exists(cgroup), "reads files of cgroup v1");

        podman.podman("update --memory=32m --memory-swap=32m " + id).succeed();

        assertThat(cgroup.resolve("memory.limit_in_bytes")).hasContent("33554432");
    }

    @Test
    void shouldRunPods() {
        podman.podman(
                        "pod create --name=pod --network=none --hostname=podhost"
                                + " --infra-image=localhost/rung-test --infra-command",
                        "/observer signals")
                .succeed();
        podman.start("--pod=pod --name=one", "sleep 1000");

        Observation first = podman.podman("exec one /observer").succeed().observed();
        Observation second = podman.observe("--pod=pod");

        for (String type : List.of("net", "ipc", "uts")) {
            assertThat(second.of("namespace", type)).isEqualTo(first.of("namespace", type));
        }
        assertThat(second.of("namespace", "pid")).isNotEqualTo(first.of("namespace", "pid"));
        assertThat(second.of("hostname")).isEqualTo("podhost");
        podman.podman("pod pause pod").succeed();
        podman.podman("pod unpause pod").succeed();
        podman.podman("pod stop --time=1 pod").succeed();
        assertThat(podman.inspect("one", ".State.Status")).isEqualTo("exited");
    }

    @Test
    void shouldMapIdsIntoAUserNamespace() {
        Observation seen = podman.observe("--uidmap=0:200000:65536 --gidmap=0:200000:65536");

        assertThat(seen.of("uid_map", 0).strip().split(" +"))
                .containsExactly("0", "200000", "65536");
    }

    @Test
    void shouldRunOnATerminal() {
        try (Terminal terminal = podman.terminal(podman.runLine("--rm -it", "sh"))) {
            terminal.await("#").type("tty; stty size; exit 5\n");

            assertThat(terminal.await(SOON).ended(5).output()).contains("/dev/pts/0", "33 77");
        }
    }

    @Test
    void shouldExecOnATerminal() {
        podman.start("--name=box", "sleep 1000");
        try (Terminal terminal = podman.terminal("exec -it box sh")) {
            terminal.await("#").type("echo a$((1 + 1))b; exit 4\n");

            assertThat(terminal.await(SOON).ended(4).output()).contains("a2b");
        }
    }

    @Test
    void shouldJoinNamespacesOfAContainer() {
        podman.start("--name=first", "/observer signals");

        Observation seen = podman.observe("--pid=container:first --network=container:first");

        Observation first = podman.podman("exec first /observer").succeed().observed();
        for (String type : List.of("pid", "net")) {
            assertThat(seen.of("namespace", type)).isEqualTo(first.of("namespace", type));
        }
    }

    @Test
    void shouldPassDescriptors() {
        Path file = podman.room().write("passed", "from the host");
        podman.start("--name=box", "sleep 1000");

        for (String line :
                List.of(
                        podman.runLine("--rm --preserve-fds=1", "sh -c 'cat <&3'"),
                        "exec --preserve-fds=1 box sh -c 'cat <&3'")) {
            assertThat(podman.shell(line + " 3<" + file).succeed().output())
                    .isEqualTo("from the host");
        }
    }

    @Test
    void shouldRunHooksWithTheStateOnStdin() throws IOException {
        Path folder = podman.room().path("hooks");
        for (String stage : List.of("prestart", "poststart", "poststop")) {
            Path told = podman.room().path(stage + ".json");
            podman.room()
                    .write(
                            "hooks/" + stage + ".json",
                            """
                            {"version": "1.0.0", "when": {"always": true}, "stages": ["%s"],
                             "hook": {"path": "/bin/sh", "args": ["sh", "-c", "cat >%s"]}}
                            """
                                    .formatted(stage, told));
        }

        String id = podman.start("--name=box --hooks-dir=" + folder, "sleep 1000");
        podman.podman("rm --force --time=0 box").succeed();

        for (String stage : List.of("prestart", "poststart", "poststop")) {
            Path told = podman.room().path(stage + ".json");
            Patience.await(() -> Files.exists(told), () -> "no " + stage + " hook ran");
            assertThat(Json.readObject(Files.readString(told)).get("id")).isEqualTo(id);
        }
    }

    @Test
    void shouldRunARootFileSystem() {
        String line =
                "run --rm --network=none --rootfs " + podman.room().rootfs() + " /bin/echo hi";

        assertThat(podman.podman(line).succeed().output()).isEqualTo("hi\n");
    }

    @Test
    void shouldRestartWhatStopped() {
        podman.start("--name=box", "sh -c", "echo up; sleep 1000");
        podman.awaitLogs("box", "up\n");

        podman.podman("restart --time=0 box").succeed();

        podman.awaitLogs("box", "up\nup\n");
    }
}
