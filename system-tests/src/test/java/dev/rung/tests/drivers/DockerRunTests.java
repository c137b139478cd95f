package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@code docker run} promises, with the runtime in daemon.json. */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "docker-init", "iptables"})
class DockerRunTests extends AgainstDockerd {
    DockerRunTests() {
        super(Map.of());
    }

    @Test
    void shouldNameTheRuntimeAsTheDefaultOne() {
        Outcome outcome = docker.docker("info --format {{.DefaultRuntime}}").succeed();

        assertThat(outcome.output()).isEqualTo("rung\n");
    }

    @Test
    void shouldTakeArgumentsFromDaemonJson() {
        Outcome outcome = docker.run("--runtime=rung-debug", "echo hello").succeeded();

        assertThat(outcome.output()).isEqualTo("hello\n");
    }

    @Test
    void shouldBuildAnImage() {
        Path file =
                docker.room()
                        .write(
                                "context/Dockerfile",
                                """
                                FROM rung-test
                                ENV PATH=/bin COLOUR=blue
                                RUN echo "made by $COLOUR" >/made && sleep 0
                                USER 1000
                                CMD cat /made
                                """);

        docker.docker("build --tag built " + file.getParent())
                .with("DOCKER_BUILDKIT", "0")
                .succeed();

        assertThat(docker.docker("run --rm --network=none built").succeed().output())
                .isEqualTo("made by blue\n");
    }

    @Test
    void shouldGiveOutputErrorsAndStatus() {
        Outcome outcome = docker.run("", "sh -c", "echo out; echo err >&2; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
    }

    @Test
    void shouldPassStdinToItsEnd() {
        Outcome outcome = docker.docker(docker.runLine("-i", "cat")).reading("given\n").succeed();

        assertThat(outcome.output()).isEqualTo("given\n");
    }

    @Test
    void shouldPassMuchOutput() {
        Outcome outcome = docker.run("", "sh -c", "head -c 3000000 /dev/zero | tr '\\0' x");

        assertThat(outcome.output()).hasSize(3_000_000);
    }

    @Test
    void shouldSayThatAProgramIsNotInThePath() {
        Outcome outcome = docker.run("", "no-such-program");

        assertThat(outcome.status()).isEqualTo(127);
        assertThat(outcome.errors())
                .contains("exec: \"no-such-program\": executable file not found in $PATH");
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        Outcome outcome = docker.run("", "/no/such/program");

        assertThat(outcome.status()).isEqualTo(127);
        assertThat(outcome.errors()).contains("/no/such/program", "no such file or directory");
    }

    @Test
    void shouldSayThatAProgramMayNotBeExecuted() {
        Outcome outcome = docker.run("", "/etc/passwd");

        assertThat(outcome.status()).isEqualTo(126);
        assertThat(outcome.errors()).contains("/etc/passwd", "permission denied");
    }

    @Test
    void shouldSetEnvironmentFolderUserAndNames() {
        Observation seen =
                docker.observe(
                        "--env=COLOUR=blue --workdir=/made/by/docker --user=1000:1000"
                                + " --group-add=50 --hostname=box --domainname=example.test");

        assertThat(seen.list("environ")).contains("COLOUR=blue", "HOSTNAME=box", "HOME=/home/user");
        assertThat(seen.of("cwd")).isEqualTo("/made/by/docker");
        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("groups")).contains("50");
        assertThat(seen.of("hostname")).isEqualTo("box");
        assertThat(seen.of("domainname")).isEqualTo("example.test");
        assertThat(seen.of("cap.effective")).isEqualTo("0000000000000000");
    }

    @Test
    void shouldShowOnlyItsOwnProcessesAndDescriptors() {
        Observation seen = docker.observe("");

        assertThat(seen.of("pid")).isEqualTo("1");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(seen.of("no_new_privs")).isEqualTo("0");
        assertThat(seen.of("oom_score_adj")).isEqualTo("0");
    }

    @Test
    void shouldConnectTheDefaultBridgeThroughTheHook() {
        Outcome outcome =
                docker.run("--network=bridge", "sh -c", "ip -4 addr show eth0").succeeded();

        assertThat(outcome.output()).contains("inet 172.");
    }

    @Test
    void shouldLetContainersOfOneNetworkTalkByName() {
        docker.docker("network create quiet").succeed();
        docker.start("--name=server --network=quiet", "sh -c", "echo hello | nc -l -p 80");
        String asking = "until nc server 80 </dev/null; do sleep 0.1; done";

        Outcome outcome = docker.run("--network=quiet", "sh -c", asking).succeeded();

        assertThat(outcome.output()).isEqualTo("hello\n");
        docker.removeAll();
        docker.docker("network rm quiet").succeed();
    }

    @Test
    void shouldMakeTheRootReadOnlyButTmpfsWritable() {
        Outcome outcome =
                docker.run(
                        "--read-only --tmpfs=/scratch:size=1m,mode=1777",
                        "/observer write /file x , write /scratch/file x , see mountinfo");

        assertThat(outcome.output()).startsWith("error EROFS\nok ");
        assertThat(outcome.observed().mountAt("/").options()).contains("ro");
        assertThat(outcome.observed().mountAt("/scratch").type()).isEqualTo("tmpfs");
        assertThat(outcome.observed().mountAt("/scratch").superOptions()).contains("size=1024k");
    }

    @Test
    void shouldMountVolumesAndFoldersOfTheHost() {
        String file = docker.room().write("shared/file", "from the host").toString();

        Outcome outcome =
                docker.run(
                        "--volume=data:/data --volume=%s:/file:ro".formatted(file)
                                + " --mount=type=bind,src=/tmp,dst=/slave,bind-propagation=rslave",
                        "/observer see mountinfo , read /file");

        Observation seen = outcome.succeeded().observed();
        assertThat(seen.mountAt("/data").options()).contains("rw");
        assertThat(seen.mountAt("/file").options()).contains("ro");
        assertThat(seen.mountAt("/slave").propagation()).anyMatch(o -> o.startsWith("master:"));
        assertThat(outcome.output()).contains("from the host");
        docker.docker("volume rm data").succeed();
    }

    @Test
    void shouldJoinThePidNamespaceOfAContainer() {
        docker.start("--name=first", "/observer signals");

        Outcome outcome = docker.run("--pid=container:first", "/observer read /proc/1/cmdline");

        assertThat(outcome.output()).contains("/observer", "signals");
    }

    @Test
    void shouldJoinTheNetworkNamespaceOfAContainer() {
        docker.start("--name=first", "/observer signals");

        Outcome outcome = docker.run("--network=container:first", "/observer");

        assertThat(outcome.succeeded().observed().of("namespace", "net"))
                .isEqualTo(namespacesOf("first").of("namespace", "net"));
    }

    @Test
    void shouldJoinTheIpcNamespaceOfAContainer() {
        docker.start("--name=first --ipc=shareable", "/observer signals");

        Observation seen = docker.observe("--ipc=container:first");

        assertThat(seen.of("namespace", "ipc"))
                .isEqualTo(namespacesOf("first").of("namespace", "ipc"));
    }

    @Test
    void shouldStayInNamespacesOfTheHostWhenAskedTo() {
        Observation host = observedInTheRoom();

        Observation seen = docker.observe("--network=host --pid=host --ipc=host --uts=host");

        for (String type : List.of("net", "pid", "ipc", "uts", "cgroup")) {
            assertThat(seen.of("namespace", type)).isEqualTo(host.of("namespace", type));
        }
        assertThat(seen.of("namespace", "mnt")).isNotEqualTo(host.of("namespace", "mnt"));
    }

    @Test
    void shouldGiveACgroupNamespaceWhenAskedTo() {
        Observation seen = docker.observe("--cgroupns=private");

        assertThat(seen.of("namespace", "cgroup"))
                .isNotEqualTo(observedInTheRoom().of("namespace", "cgroup"));
        assertThat(seen.list("cgroup")).allMatch(line -> line.endsWith(":/"));
    }

    @Test
    void shouldPutAnInitInFront() {
        Outcome outcome = docker.run("--init", "sh -c", "tr '\\0' ' ' </proc/1/cmdline; echo $$");

        assertThat(outcome.output()).contains("docker-init");
        assertThat(outcome.output().strip()).doesNotEndWith(" 1");
    }

    @Test
    void shouldSetLimitsOfProcessesAndSharedMemory() {
        Observation seen =
                docker.observe("--ulimit=nofile=100:200 --shm-size=2m --oom-score-adj=100");

        assertThat(seen.of("rlimit", "nofile")).isEqualTo("100 200");
        assertThat(seen.of("oom_score_adj")).isEqualTo("100");
        assertThat(seen.mountAt("/dev/shm").superOptions()).contains("size=2048k");
    }

    @Test
    void shouldSetSysctls() {
        Outcome outcome =
                docker.run(
                        "--sysctl=net.ipv4.ip_unprivileged_port_start=77",
                        "cat /proc/sys/net/ipv4/ip_unprivileged_port_start");

        assertThat(outcome.output()).isEqualTo("77\n");
    }

    @Test
    void shouldRunManyAtOnce() {
        var calls =
                IntStream.range(0, 10)
                        .mapToObj(i -> docker.docker(docker.runLine("", "echo " + i)).start())
                        .toList();

        for (int i = 0; i < 10; i++) {
            try (var call = calls.get(i)) {
                Outcome outcome = call.await(Duration.ofSeconds(40)).succeeded();
                assertThat(outcome.output()).isEqualTo(i + "\n");
            }
        }
    }

    private Observation namespacesOf(String container) {
        String call = "exec " + container + " /observer see namespace";
        return docker.docker(call).succeed().observed();
    }

    private Observation observedInTheRoom() {
        String observer = docker.room().rootfs().resolve("observer").toString();
        return docker.room().command(observer, "see", "namespace").succeed().observed();
    }
}
