package dev.rung.tests.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What people do with containers by Docker's command line. */
@SystemTest
@NeedsProgram({"docker", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class DockerContainerCommandTests {
    private static final String IMAGE = DockerSide.IMAGE;
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

    private void sleeper(String name, String options) {
        side.says("run -d --name " + name + " " + options + IMAGE + " sleep 300");
    }

    @Test
    void shouldRunWithTheUsualFlags(@TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("seen"), "seen\n");
        Files.writeString(folder.resolve("env"), "FROM_FILE=file\n");
        String script =
                "id -u; pwd; hostname; echo $A $FROM_FILE; cat /host/seen; ulimit -n; cat"
                        + " /etc/hosts /etc/resolv.conf; touch /readonly 2>/dev/null || echo ro;"
                        + " touch /t/x && echo tmpfs; cat /proc/1/comm; df -k /dev/shm | tail -1";
        String output =
                side.says(
                        "run --rm --user 1000 --workdir /tmp --hostname hosty --env A=b --env-file "
                                + folder.resolve("env")
                                + " --volume "
                                + folder
                                + ":/host:ro --mount type=tmpfs,target=/t,tmpfs-mode=1777 --ulimit"
                                + " nofile=321:321 --add-host other:1.2.3.4 --dns 9.9.9.9"
                                + " --dns-search example.org --read-only --init --shm-size 8m"
                                + " --memory 64m --cpus 0.5 --pids-limit 50 --cap-drop ALL"
                                + " --security-opt no-new-privileges --label x=y --stop-signal INT"
                                + " --log-opt max-size=1m --restart no --network bridge"
                                + " --mac-address 02:42:ac:11:00:63 --publish 127.0.0.1::80"
                                + " --expose 81 "
                                + IMAGE
                                + " sh -c",
                        script);
        assertThat(output)
                .startsWith("1000\n/tmp\nhosty\nb file\nseen\n321\n")
                .contains("1.2.3.4\tother", "nameserver 9.9.9.9", "search example.org")
                .contains("ro\n", "tmpfs\n", "8192");
    }

    @Test
    void shouldEnterAContainer() {
        sleeper("cexec", "");
        assertThat(side.says("exec -e A=b -w /tmp -u joe cexec sh -c", "echo $A $(pwd) $(id -un)"))
                .isEqualTo("b /tmp joe");
        side.says("exec -d cexec touch /detached");
        assertThat(side.tries("exec cexec sh -c", "sleep 0.2; ls /detached").status()).isZero();
        Outcome both = side.docker("exec cexec sh -c", "echo out; echo err >&2; exit 9").run();
        assertThat(both.status()).isEqualTo(9);
        assertThat(both.output()).isEqualTo("out\n");
        assertThat(both.errors()).isEqualTo("err\n");
        assertThat(side.tries("exec cexec /etc/passwd").status()).isEqualTo(126);
        assertThat(side.tries("exec cexec nosuch").status()).isEqualTo(127);
        assertThat(side.tries("exec nosuch true").status()).isEqualTo(1);
        side.remove("cexec");
    }

    @Test
    void shouldShowLogsInPartsAndAsTheyCome() throws Exception {
        String script =
                "for i in 1 2 3; do echo line$i; done; sleep 1; echo late; echo err >&2; sleep 1";
        side.says("run -d --name clogs " + IMAGE + " sh -c", script);
        try (Running following = side.docker("logs --follow clogs").start()) {
            Outcome outcome = following.await(SOON);
            assertThat(outcome.output()).isEqualTo("line1\nline2\nline3\nlate\n");
            assertThat(outcome.errors()).isEqualTo("err\n");
        }
        assertThat(side.says("logs --tail 2 clogs")).isEqualTo("late");
        assertThat(side.docker("logs --tail 2 clogs").succeed().errors()).isEqualTo("err\n");
        String stamped = side.says("logs --timestamps clogs");
        assertThat(stamped.lines()).allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT.*Z .*"));
        String first = stamped.lines().toList().getFirst().split(" ")[0];
        String last = stamped.lines().toList().getLast().split(" ")[0];
        assertThat(side.says("logs --since " + last + " clogs")).isEqualTo("late");
        assertThat(side.says("logs --until " + first + " clogs"))
                .startsWith("line1")
                .doesNotContain("late");
        assertThat(side.says("logs --since 1h clogs")).startsWith("line1");
        side.remove("clogs");
    }

    @Test
    void shouldCopyBothWays(@TempDir Path folder) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/deep"));
        Files.writeString(tree.resolve("file"), "content\n");
        sleeper("ccopy", "");
        side.says("create --name cstopped " + IMAGE);
        for (String name : new String[] {"ccopy", "cstopped"}) {
            side.says("cp " + folder.resolve("tree") + " " + name + ":/tmp/");
            side.says("cp " + name + ":/tmp/tree " + folder.resolve("back-" + name));
            assertThat(folder.resolve("back-" + name + "/deep/file")).hasContent("content\n");
            side.says("cp " + tree.resolve("file") + " " + name + ":/tmp/renamed");
            side.says("cp " + name + ":/tmp/renamed " + folder.resolve("one-" + name));
            assertThat(folder.resolve("one-" + name)).hasContent("content\n");
        }
        assertThat(side.says("exec ccopy cat /tmp/tree/deep/file")).isEqualTo("content");
        assertThat(side.docker("cp ccopy:/tmp/renamed -").succeed().output()).contains("content");
        side.tries("cp ccopy:/nosuch " + folder)
                .failedSaying("Could not find the file /nosuch in container ccopy");
        assertThat(side.says("diff ccopy")).contains("C /tmp", "A /tmp/tree", "A /tmp/renamed");
        side.remove("ccopy", "cstopped");
    }

    @Test
    void shouldLeadAContainerThroughItsLife() {
        String id = side.says("create --name clife --label a=b " + IMAGE + " sleep 300");
        assertThat(id).hasSize(64);
        assertThat(side.says("ps --all --filter name=clife --format {{.State}}"))
                .isEqualTo("created");
        assertThat(side.says("start clife")).isEqualTo("clife");
        assertThat(side.says("ps --filter label=a=b --quiet --no-trunc")).isEqualTo(id);
        assertThat(side.says("top clife")).contains("PID", "sleep 300");
        assertThat(side.says("top clife -o pid,comm")).contains("COMMAND").contains("sleep");
        side.says("pause clife");
        side.await("clife", ".State.Status", "paused");
        side.tries("exec clife true").failedSaying("is paused");
        side.says("unpause clife");
        side.says("update --memory 96m --memory-swap 96m --restart unless-stopped clife");
        side.await("clife", ".HostConfig.Memory", "100663296");
        side.await("clife", ".HostConfig.RestartPolicy.Name", "unless-stopped");
        side.says("rename clife clived");
        side.says("restart -t 0 clived");
        side.await("clived", ".State.Running", "true");
        assertThat(side.says("stats --no-stream --format {{.Name}} clived")).isEqualTo("clived");
        assertThat(side.says("stats --no-stream --format", "{{.CPUPerc}} {{.MemUsage}}", "clived"))
                .matches("\\d.*% \\d.*iB / 96MiB");
        assertThat(side.says("stop -t 1 clived")).isEqualTo("clived");
        assertThat(side.says("wait clived")).isEqualTo("137");
        assertThat(side.says("ps --all --filter status=exited --filter name=clived --quiet"))
                .isNotEmpty();
        assertThat(side.says("rm clived")).isEqualTo("clived");
        side.tries("start nosuch").failedSaying("No such container: nosuch");
    }

    @Test
    void shouldRefuseDriversAndIsolationThatAreNotHere() {
        side.tries("create --volume-driver nosuch --volume data:/x " + IMAGE)
                .failedSaying("error looking up volume plugin nosuch: plugin \"nosuch\" not found");
        side.tries("create --mount volume-driver=nosuch,source=data,target=/x " + IMAGE)
                .failedSaying("plugin \"nosuch\" not found");
        side.tries("create --isolation hyperv " + IMAGE).failedSaying("only supports 'default'");
        side.says("run --rm --volume-driver local --isolation default " + IMAGE + " true");
    }

    @Test
    void shouldTellWhatHappens() throws Exception {
        try (Running listening =
                side.docker("events --filter container=cevents --format {{.Action}}").start()) {
            Thread.sleep(500);
            side.says("run --rm --name cevents " + IMAGE + " true");
            listening.awaitOutput(output -> output.contains("destroy"));
            assertThat(listening.output().lines())
                    .contains("create", "attach", "start", "die", "destroy");
        }
        // docker tells whole seconds, so that what has just been is after them
        String past =
                "events --since 5m --until 0s --filter event=die --format"
                        + " {{.Actor.Attributes.name}}";
        Patience.await(() -> side.says(past).contains("cevents"), () -> side.says(past));
    }

    @Test
    void shouldRestartAsThePolicySays() {
        side.says("run -d --name crestart --restart on-failure:2 " + IMAGE + " false");
        side.await("crestart", ".RestartCount", "2");
        side.await("crestart", ".State.Status", "exited");
        side.says(
                "run -d --name chealthy --health-cmd true --health-interval 100ms "
                        + IMAGE
                        + " sleep 300");
        side.await("chealthy", ".State.Health.Status", "healthy");
        assertThat(side.says("ps --filter health=healthy --format {{.Status}}"))
                .contains("(healthy)");
        side.says("run -d --name cagain --restart always " + IMAGE + " false");
        side.await("cagain", ".State.Status", "restarting");
        side.tries("rm cagain").failedSaying("stop the container before removing or force remove");
        side.remove("crestart", "chealthy", "cagain");
    }

    @Test
    void shouldHaveEndedAContainerOnceItIsKilled() {
        sleeper("ckilled", "");
        side.says("kill ckilled");
        assertThat(side.says("inspect --format {{.State.Status}}{{.State.ExitCode}} ckilled"))
                .isEqualTo("exited137");
        side.remove("ckilled");
    }

    @Test
    void shouldFrameWhatAnExecSaysUnlessItsStarterHasATerminal() {
        sleeper("cframed", "");
        for (String starter : List.of("false", "true")) {
            String made =
                    asked(
                            "containers/cframed/exec",
                            "{\"Tty\":true,\"AttachStdout\":true,\"Cmd\":[\"echo\",\"a\"]}");
            String id = made.replaceAll("(?s).*\"Id\":\"([0-9a-f]+)\".*", "$1");
            assertThat(asked("exec/" + id + "/start", "{\"Tty\":" + starter + "}"))
                    .isEqualTo(starter.equals("true") ? "a\r\n" : "\u0001\0\0\0\0\0\0\u0003a\r\n");
        }
        side.remove("cframed");
    }

    private String asked(String path, String body) {
        return Command.of(
                        "curl",
                        "--silent",
                        "--fail",
                        "--output",
                        "-",
                        "--unix-socket",
                        side.socket().toString(),
                        "--json",
                        body,
                        "http://docker/v1.51/" + path)
                .succeed()
                .output();
    }

    @Test
    void shouldConnectNetworks() {
        side.says("network create --subnet 10.88.3.0/24 --label a=b cnet");
        side.says("network create --internal cinner");
        sleeper("cserver", "--network cnet --network-alias served --ip 10.88.3.9 ");
        assertThat(side.says("run --rm --network cnet " + IMAGE + " ping -c1 -W2 served"))
                .contains("10.88.3.9");
        side.says("network connect --alias inner cinner cserver");
        assertThat(side.says("inspect --format", "{{len .NetworkSettings.Networks}}", "cserver"))
                .isEqualTo("2");
        assertThat(
                        side.says(
                                "network inspect --format",
                                "{{range .Containers}}{{.Name}}{{end}}",
                                "cnet"))
                .isEqualTo("cserver");
        side.tries("network rm cnet").failedSaying("has active endpoints");
        side.says("network disconnect cinner cserver");
        assertThat(side.says("network ls --filter label=a=b --format {{.Name}}")).isEqualTo("cnet");
        assertThat(side.says("run --rm --network container:cserver " + IMAGE + " ip -4 addr"))
                .contains("10.88.3.9");
        sleeper("clinked", "--network cnet --link clate:data ");
        side.tries("exec clinked ping -c1 -W2 data").failedSaying("bad address");
        sleeper("clate", "--network cnet ");
        side.says("exec clinked ping -c1 -W2 data");
        side.tries("exec cserver ping -c1 -W2 data").failedSaying("bad address");
        assertThat(side.says("inspect --format {{.NetworkSettings.Networks.cnet.Links}} clinked"))
                .isEqualTo("[clate:data]");
        side.says("network connect --link cserver:other cinner clinked");
        side.says("network connect cinner cserver");
        side.says("exec clinked ping -c1 -W2 other");
        sleeper("cbeside", "");
        sleeper("cholder", "--link cbeside:friend ");
        assertThat(side.says("inspect --format {{.HostConfig.Links}} cholder"))
                .isEqualTo("[/cbeside:/cholder/friend]");
        side.says("rm --link cholder/friend");
        assertThat(side.says("inspect --format {{.HostConfig.Links}} cholder")).isEqualTo("[]");
        side.tries("rm --link cholder/friend").failedSaying("no link is called friend");
        side.remove("cserver", "clinked", "clate", "cbeside", "cholder");
        assertThat(side.says("network prune --force")).contains("cnet", "cinner");
    }

    @Test
    void shouldKeepVolumes(@TempDir Path folder) {
        assertThat(side.says("volume create --label a=b cvol")).isEqualTo("cvol");
        side.says(
                "run --rm --mount type=volume,src=cvol,dst=/data " + IMAGE + " sh -c",
                "echo x >/data/y");
        assertThat(side.says("run --rm -v cvol:/data:ro " + IMAGE + " cat /data/y")).isEqualTo("x");
        assertThat(side.says("volume inspect --format {{.Driver}} cvol")).isEqualTo("local");
        assertThat(side.says("volume ls --filter label=a=b --quiet")).isEqualTo("cvol");
        sleeper("cuser", "--volume cvol:/data ");
        side.tries("volume rm cvol").failedSaying("volume is in use");
        assertThat(side.says("system df --verbose")).contains("cvol", "cuser");
        side.remove("cuser");
        assertThat(side.says("volume rm cvol")).isEqualTo("cvol");
        assertThat(side.says("system prune --force --volumes")).contains("Total reclaimed space");
    }

    @Test
    void shouldKeepAuxiliaryAddressesFromContainers() {
        side.says(
                "network create --subnet 10.88.5.0/29 --aux-address tv=10.88.5.2 --aux-address"
                        + " DefaultGatewayIPv4=10.88.5.3",
                "my net");
        assertThat(
                        side.says(
                                "network inspect --format",
                                "{{(index .IPAM.Config 0).AuxiliaryAddresses}}",
                                "my net"))
                .isEqualTo("map[DefaultGatewayIPv4:10.88.5.3 tv:10.88.5.2]");
        String sees = "ip -4 addr show eth0; ip route";
        assertThat(side.says("run --rm --network", "my net", IMAGE, "sh", "-c", sees))
                .contains("10.88.5.4/29")
                .contains("default via 10.88.5.3");
        side.tries("run --rm --ip 10.88.5.2 --network", "my net", IMAGE, "true")
                .failedSaying("Address already in use");
        side.says("network rm", "my net");
        side.tries("network create --subnet 10.88.6.0/29 --aux-address tv=10.88.7.2 cbad")
                .failedSaying("no matching subnet for aux-address 10.88.7.2");
    }

    @Test
    void shouldFindWhateverIsInspected() {
        side.says("network create cfound");
        side.says("volume create cfoundvol");
        assertThat(side.says("inspect --format {{.Driver}} cfound")).isEqualTo("bridge");
        assertThat(side.says("inspect --format {{.Mountpoint}} cfoundvol")).contains("cfoundvol");
        assertThat(side.says("inspect --format {{.Os}} " + IMAGE)).isEqualTo("linux");
        side.tries("inspect cnosuch").failedSaying("No such object: cnosuch");
        side.says("network rm cfound");
        side.says("volume rm cfoundvol");
    }

    @Test
    void shouldServeOtherContexts() {
        side.says("context create --docker host=unix://" + side.socket() + " crung");
        assertThat(side.says("--context crung version --format {{.Server.APIVersion}}"))
                .isEqualTo("1.51");
        assertThat(side.says("context ls --format {{.Name}}")).contains("crung");
        side.says("context rm crung");
        assertThat(side.says("info --format", "{{.OSType}} {{.Swarm.LocalNodeState}}"))
                .isEqualTo("linux inactive");
        assertThat(side.says("plugin ls --quiet")).isEmpty();
        side.tries("node ls").failedSaying("This node is not a swarm manager");
    }

    @Test
    void shouldKeepWhatAClientSaidOfItsStreams() {
        String body =
                """
                {"Image":"%s","Tty":true,"AttachStdout":true,"Cmd":["stty","size"],
                 "HostConfig":{"ConsoleSize":[33,99]}}
                """
                        .formatted(DockerSide.IMAGE);
        asked("containers/create?name=sized", body);

        assertThat(side.says("start --attach sized")).isEqualTo("33 99");
        assertThat(
                        side.says(
                                "inspect --format",
                                "{{.Config.AttachStdin}} {{.Config.AttachStdout}}"
                                        + " {{.Config.AttachStderr}} {{.HostConfig.ConsoleSize}}",
                                "sized"))
                .isEqualTo("false true false [33 99]");
        side.remove("sized");
    }
}
