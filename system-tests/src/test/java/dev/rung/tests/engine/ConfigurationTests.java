package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What rung.toml says counts, from the start and when it is read anew. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ConfigurationTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private void settle(String toml) {
        engine.write("etc/rung.toml", toml);
        engine.rung("system", "reload").succeed();
    }

    @Test
    void shouldGiveContainersWhatIsSettled() {
        settle(
                """
                init = true
                default-shm-size = "3M"
                dns = ["192.0.2.1"]
                log-opts = {max-size = "5k"}
                [default-ulimits.nofile]
                Hard = 300
                Soft = 200
                """);

        Outcome seen =
                engine.run("sh", "-c", "ulimit -n; df /dev/shm | tail -1; cat /etc/resolv.conf");

        assertThat(seen.output()).contains("200\n", "3072", "nameserver 192.0.2.1");
        engine.start("settled", "sleep", "100");
        assertThat(engine.inspect("settled", "json .HostConfig.LogConfig"))
                .isEqualTo("{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"5k\"}}");
        assertThat(engine.inspect("settled", ".HostConfig.Runtime")).isEqualTo("host");
        engine.rung("rm", "-f", "settled").succeed();
        settle("");
        assertThat(engine.run("sh", "-c", "ulimit -n").output()).isNotEqualTo("200\n");
    }

    @Test
    void shouldTakeRuntimesFromContainerdsConfigurationAndCrios() {
        engine.write(
                "etc/their.toml",
                """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".containerd]
                default_runtime_name = "theirs"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.theirs]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.theirs.options]
                BinaryName = "/usr/sbin/runc"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
                runtime_type = "io.containerd.kata.v2"
                """);
        String containerd = engine.home() + "/etc/their.toml";
        engine.write("etc/crio.conf", "[crio.runtime]\n");
        String crio = engine.home() + "/etc/crio.conf";
        engine.write(
                "etc/crio.conf.d/1.conf",
                "[crio.runtime.runtimes.dropped]\nruntime_path = \"/usr/sbin/runc\"\n");

        assertThat(engine.rung("config", "import", "containerd", containerd).succeed().output())
                .contains(
                        "default-runtime = \"theirs\"\n",
                        "[runtimes.\"theirs\"]\npath = \"/usr/sbin/runc\"\n",
                        "runtimes.kata: a shim, io.containerd.kata.v2");
        assertThat(engine.rung("config", "import", "crio", crio).succeed().output())
                .contains("[runtimes.\"dropped\"]\npath = \"/usr/sbin/runc\"\n");
        assertThat(engine.rung("config", "import", "crio", "/no/such").run().errors())
                .contains("open /no/such: no such file or directory");
        settle("containerd-config = \"" + containerd + "\"\ncrio-config = \"" + crio + "\"\n");

        assertThat(engine.rung("runtimes").succeed().output()).contains("theirs", "dropped");
        engine.start("imported", "sleep", "100");
        assertThat(engine.inspect("imported", ".HostConfig.Runtime")).isEqualTo("theirs");
        engine.rung("rm", "-f", "imported").succeed();
        settle("");
    }

    @Test
    void shouldKnowRuntimesByName() {
        settle(
                """
                default-runtime = "mine"
                [runtimes.mine]
                path = "/usr/sbin/runc"
                args = ["--debug"]
                """);

        assertThat(engine.rung("runtimes").succeed().output())
                .containsPattern("mine +\\* +/usr/sbin/runc +OCI 1[^\n]*seccomp")
                .containsPattern("host +built in +OCI 1");
        engine.start("named", "sleep", "100");
        assertThat(engine.inspect("named", ".HostConfig.Runtime")).isEqualTo("mine");
        settle(""); // a container keeps the runtime that it was made with
        assertThat(engine.rung("run", "--runtime", "mine", Engine.IMAGE).run().errors())
                .contains("unknown or invalid runtime name: mine, there are host");
        engine.rung("rm", "-f", "named").succeed();
    }

    @Test
    @NeedsProgram("runsc")
    void shouldRunInGvisor() {
        // what Debian has takes every network namespace of a new kernel for the machine's own
        settle("[runtimes.runsc]\npath = \"/usr/bin/runsc\"\noptions = {network = \"host\"}");

        Outcome seen =
                engine.rung(
                                "run",
                                "--rm",
                                "--runtime",
                                "runsc",
                                "--network",
                                "none",
                                Engine.IMAGE,
                                "dmesg")
                        .succeed();

        assertThat(seen.output()).contains("Starting gVisor");
        settle("");
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        engine.write("etc/rung.toml", "[runtimes.x]\npaht = \"/x\"\n");

        Outcome refused = engine.rung("system", "reload").run();

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains("/etc/rung.toml: runtimes.x.paht: no such setting");
        settle("");
    }

    @Test
    void shouldReadItAnewOnSighup() {
        engine.rung("ps").succeed();
        String before = engine.pid();
        engine.write("etc/rung.toml", "default-shm-size = \"2M\"");

        Command.of("kill", "-HUP", before).succeed();

        Patience.await(
                () -> engine.run("df", "/dev/shm").output().contains(" 2048 "),
                () -> engine.read("run/rungd.log"));
        engine.write("etc/rung.toml", "nonsense = 1\n");
        Command.of("kill", "-HUP", before).succeed();
        Patience.await(
                () -> engine.read("run/rungd.log").contains("nonsense: no such setting"),
                () -> engine.read("run/rungd.log"));
        assertThat(engine.run("df", "/dev/shm").output()).contains(" 2048 ");
        assertThat(engine.pid()).isEqualTo(before);
        settle("");
    }

    @Test
    void shouldShutDownAndComeBack() {
        engine.start("stays", "sleep", "100");
        String before = engine.pid();

        engine.rung("system", "shutdown").succeed();

        assertThat(engine.inspect("stays", ".State.Status")).isEqualTo("running");
        assertThat(engine.pid()).isNotEqualTo(before);
        assertThat(engine.rung("system", "metrics").succeed().output())
                .contains("rung_containers{state=\"running\"} 1\n")
                .endsWith("# EOF\n");
        engine.rung("kill", "stays").succeed();
        engine.start("ends", "sh", "-c", "trap exit TERM; while :; do sleep 0.1; done");
        engine.rung("system", "shutdown", "--containers").succeed();
        Patience.await(
                () -> engine.inspect("ends", ".State.Status").equals("exited"),
                () -> engine.inspect("ends", ".State.Status"));
        engine.rung("rm", "stays", "ends").succeed();
    }
}
