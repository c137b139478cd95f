package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Docker's own command line, and plain requests, against an engine of their own. */
@SystemTest
@NeedsProgram({"docker", "curl", "docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class DockerApiTests {
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

    private Path socket() {
        return engine.home().resolve("run/docker.sock");
    }

    private Command docker(String... words) {
        var all = new ArrayList<>(List.of("timeout", "--kill-after=2", "40", "docker"));
        all.addAll(Arrays.asList(words));
        return Command.of(all)
                .with("DOCKER_HOST", "unix://" + socket())
                .with("DOCKER_CONFIG", engine.home().resolve("docker").toString())
                .with("DOCKER_BUILDKIT", "0");
    }

    /** The status, an empty line, and the body of an answer. */
    private String ask(String method, String path, String... more) {
        var all = new ArrayList<>(List.of("curl", "--silent", "--max-time", "20", "--path-as-is"));
        all.addAll(List.of("--unix-socket", socket().toString(), "--request", method));
        all.addAll(List.of("--write-out", "%{stderr}%{http_code}"));
        all.addAll(Arrays.asList(more));
        all.add("http://docker" + path);
        Outcome outcome = Command.of(all).run();
        return outcome.errors() + "\n" + outcome.output();
    }

    @Test
    void shouldRunToTheEndWithTheContainersStatus() {
        Outcome outcome =
                docker("run", "--rm", Engine.IMAGE, "sh", "-c", "echo out; echo err >&2; exit 7")
                        .run();
        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
        assertThat(docker("run", "--rm", Engine.IMAGE, "/files/plain").run().status())
                .isEqualTo(126);
        assertThat(docker("run", "--rm", Engine.IMAGE, "nosuch").run().status()).isEqualTo(127);
        assertThat(docker("run", "--runtime", "nosuch", Engine.IMAGE).run().status())
                .isEqualTo(125);
        assertThat(docker("ps", "--all", "--quiet").succeed().output()).isEmpty();
    }

    @Test
    void shouldPassStdinOnAndEndIt() {
        Outcome outcome =
                docker("run", "--interactive", "--rm", Engine.IMAGE, "cat")
                        .reading("to and fro")
                        .succeed();
        assertThat(outcome.output()).isEqualTo("to and fro");
    }

    @Test
    void shouldKeepAContainerThatIsLookedAtEnteredAndRemoved() {
        docker("run", "-d", "--name", "dweb", "-p", "127.0.0.1::80", Engine.IMAGE, "sleep", "60")
                .succeed();
        try {
            assertThat(docker("ps", "--format", "{{.Names}} {{.State}}").succeed().output())
                    .contains("dweb running");
            assertThat(docker("exec", "dweb", "echo", "inside").succeed().output())
                    .isEqualTo("inside\n");
            assertThat(docker("exec", "-i", "dweb", "cat").reading("abc").succeed().output())
                    .isEqualTo("abc");
            assertThat(docker("exec", "dweb", "sh", "-c", "exit 3").run().status()).isEqualTo(3);
            assertThat(docker("exec", "dweb", "nosuch").run().status()).isEqualTo(127);
            assertThat(docker("inspect", "-f", "{{.State.Running}}", "dweb").succeed().output())
                    .isEqualTo("true\n");
            assertThat(docker("port", "dweb").succeed().output())
                    .startsWith("80/tcp -> 127.0.0.1:");
            assertThat(ask("POST", "/v1.50/containers/dweb/start")).startsWith("304");
            assertThat(ask("DELETE", "/v1.50/containers/dweb")).startsWith("409");
        } finally {
            docker("rm", "-f", "dweb").succeed();
        }
        assertThat(ask("GET", "/v1.50/containers/dweb/json"))
                .startsWith("404")
                .contains("{\"message\":\"No such container: dweb\"}");
    }

    @Test
    void shouldShowLogsWithTheirStreams() {
        docker("run", "--name", "dlog", Engine.IMAGE, "sh", "-c", "echo a; echo b >&2").succeed();
        try {
            Outcome outcome = docker("logs", "--follow", "dlog").succeed();
            assertThat(outcome.output()).isEqualTo("a\n");
            assertThat(outcome.errors()).isEqualTo("b\n");
        } finally {
            docker("rm", "dlog").succeed();
        }
    }

    @Test
    void shouldMakeNetworksAndVolumes() {
        docker("network", "create", "dnet").succeed();
        docker("volume", "create", "dvol").succeed();
        try {
            String written = "echo kept >/data/x";
            docker(
                            "run",
                            "--rm",
                            "--network",
                            "dnet",
                            "-v",
                            "dvol:/data",
                            Engine.IMAGE,
                            "sh",
                            "-c",
                            written)
                    .succeed();
            assertThat(
                            docker(
                                            "run",
                                            "--rm",
                                            "-v",
                                            "dvol:/data",
                                            Engine.IMAGE,
                                            "cat",
                                            "/data/x")
                                    .succeed()
                                    .output())
                    .isEqualTo("kept\n");
            assertThat(docker("network", "ls", "--format", "{{.Name}}").succeed().output())
                    .contains("bridge", "dnet", "host", "none");
        } finally {
            docker("network", "rm", "dnet").succeed();
            docker("volume", "rm", "dvol").succeed();
        }
    }

    @Test
    void shouldBuildAnImage(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("Dockerfile"), "FROM " + Engine.IMAGE + "\nRUN echo made >/made\n");
        docker("build", "--tag", "dmade", folder.toString()).succeed();
        assertThat(docker("run", "--rm", "dmade", "cat", "/made").succeed().output())
                .isEqualTo("made\n");
        docker("rmi", "dmade").succeed();
    }

    @Test
    void shouldRefuseWhatIsNoneOfItsBusinessInDockersWords() {
        assertThat(ask("GET", "/v1.50/nodes")).startsWith("503").contains("not a swarm manager");
        assertThat(ask("GET", "/v1.50/nosuch")).startsWith("404").contains("page not found");
        assertThat(ask("GET", "/v1.23/info")).startsWith("400").contains("is too old");
        assertThat(ask("GET", "/v1.99/info")).startsWith("400").contains("is too new");
        assertThat(ask("POST", "/v1.50/containers/create", "--data", "{}"))
                .startsWith("400")
                .contains("unsupported Content-Type");
        assertThat(ask("GET", "/v1.50/containers/../info")).startsWith("301");
        assertThat(ask("GET", "/v1.50/containers/x%2F..%2F../json")).startsWith("301");
    }
}
