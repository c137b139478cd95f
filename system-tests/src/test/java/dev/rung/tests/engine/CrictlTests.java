package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each command of crictl. Debian has no package of it: RUNG_TEST_CRICTL names its program where
 * PATH has none.
 */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class CrictlTests {
    private static final String CONTAINER =
            """
            {"metadata": {"name": "main", "attempt": 2}, "image": {"image": "%s"},
             "command": %s, "log_path": "main.log", "labels": {"part": "front"},
             "stdin": true, "linux": {}}
            """;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    private String crictl = "";

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        crictl = System.getenv().getOrDefault("RUNG_TEST_CRICTL", "crictl");
        boolean there =
                Command.of("sh", "-c", "command -v \"$1\"", "-", crictl).run().status() == 0;
        assumeTrue(there, "crictl is not there: RUNG_TEST_CRICTL may name it");
        engine = Engine.withCri();
        engine.write("crictl.yaml", "");
        engine.write(
                "pod.json",
                """
                {"metadata": {"name": "web", "namespace": "tests", "uid": "u1", "attempt": 1},
                 "hostname": "web", "log_directory": "%s", "labels": {"app": "shop"}, "linux": {}}
                """
                        .formatted(engine.home()));
        engine.write("main.json", CONTAINER.formatted(Engine.IMAGE, "[\"sleep\", \"1000\"]"));
        engine.write(
                "speaker.json",
                CONTAINER
                        .formatted(Engine.IMAGE, "[\"sh\", \"-c\", \"echo said; cat; exit 3\"]")
                        .replace("main", "speaker")
                        .replace("\"stdin\"", "\"stdin_once\": true, \"stdin\""));
    }

    @AfterEach
    void endPods() {
        say("rmp", "--all", "--force");
        Patience.await(() -> engine.left().isEmpty(), () -> "left: " + engine.left());
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private Command crictl(String... words) {
        var all = new ArrayList<String>();
        all.addAll(
                List.of(
                        crictl,
                        "--config",
                        engine.home() + "/crictl.yaml",
                        "--runtime-endpoint",
                        "unix://" + engine.criSocket(),
                        "--timeout",
                        "30s"));
        all.addAll(List.of(words));
        return Command.of(all);
    }

    private String say(String... words) {
        return crictl(words).succeed().output().strip();
    }

    private String file(String name) {
        return engine.home().resolve(name).toString();
    }

    private String launch(String pod, String container) {
        String id = say("create", pod, file(container), file("pod.json"));
        assertThat(say("start", id)).isEqualTo(id);
        return id;
    }

    @Test
    void shouldTellOfTheRuntime() {
        assertThat(say("version"))
                .contains("RuntimeName:  rung")
                .contains("RuntimeApiVersion:  v1");
        assertThat(say("info")).contains("\"RuntimeReady\"").contains("\"NetworkReady\"");
        assertThat(say("runtime-config")).contains("CGROUPFS");
        assertThat(say("update-runtime-config", "--pod-cidr", "10.9.0.0/16")).isEmpty();
        assertThat(say("imagefsinfo")).contains(engine.home() + "/lib/snapshots");
        assertThat(say("metricdescs")).contains("container_cpu_usage_seconds_total");
        say("config", "--set", "timeout=20");
        assertThat(say("config", "--get", "timeout")).isEqualTo("20");
        assertThat(say("completion", "bash")).contains("crictl");
    }

    @Test
    void shouldPullListInspectAndRemoveImages() {
        assertThat(say("pull", Engine.IMAGE)).contains("Image is up to date for sha256:");
        assertThat(say("images")).contains("127.0.0.1:5017/busybox");
        assertThat(say("images", "--quiet", "--filter", "reference=nothing")).isEmpty();
        assertThat(say("inspecti", Engine.IMAGE)).contains("\"pinned\": false");
        assertThat(say("rmi", Engine.IMAGE)).contains("Deleted: " + Engine.IMAGE);
        assertThat(say("images", "--quiet")).isEmpty();
        assertThat(crictl("inspecti", Engine.IMAGE).run().status()).isEqualTo(1);
        say("pull", Engine.IMAGE);
    }

    @Test
    void shouldTakeAPodThroughItsLife() {
        String pod = say("runp", file("pod.json"));
        assertThat(say("pods", "--name", "web", "--state", "ready", "--quiet")).isEqualTo(pod);
        assertThat(say("pods", "--label", "app=other", "--quiet")).isEmpty();
        assertThat(say("inspectp", pod)).contains("\"state\": \"SANDBOX_READY\"");
        assertThat(say("inspectp", "--output", "table", pod)).contains("Name: web");
        String id = say("create", pod, file("main.json"), file("pod.json"));
        assertThat(say("ps", "--state", "created", "--quiet")).isEqualTo(id);
        say("start", id);
        assertThat(say("ps", "--pod", pod, "--label", "part=front", "--quiet")).isEqualTo(id);
        assertThat(say("ps")).contains("main").contains("Running");
        assertThat(say("inspect", id)).contains("\"state\": \"CONTAINER_RUNNING\"");
        assertThat(say("inspect", "--output", "go-template", "--template", "{{.status.state}}", id))
                .isEqualTo("CONTAINER_RUNNING");
        say("update", "--memory", "67108864", "--cpu-quota", "50000", "--cpu-period", "100000", id);
        assertThat(say("inspect", id)).contains("\"memoryLimitInBytes\": \"67108864\"");
        assertThat(say("stats", id)).contains("main");
        assertThat(say("stats", "--output", "json", id)).contains("\"workingSetBytes\"");
        assertThat(say("statsp", "--id", pod)).contains("web");
        assertThat(say("metricsp")).contains("container_memory_working_set_bytes");
        assertThat(say("stop", "--timeout", "0", id)).isEqualTo(id);
        assertThat(say("ps", "--all", "--state", "exited", "--quiet")).isEqualTo(id);
        assertThat(say("rm", id)).isEqualTo(id);
        assertThat(say("stopp", pod)).isEqualTo("Stopped sandbox " + pod);
        assertThat(say("pods", "--state", "notready", "--quiet")).isEqualTo(pod);
        assertThat(say("rmp", pod)).isEqualTo("Removed sandbox " + pod);
        assertThat(crictl("inspectp", pod).run().errors()).contains("code = NotFound");
    }

    @Test
    void shouldRunAContainerInAPodInOneGo() {
        String id = say("run", file("main.json"), file("pod.json"));

        assertThat(say("ps", "--quiet")).isEqualTo(id);
        assertThat(engine.rung("ps", "--no-trunc", "--quiet").succeed().output().strip())
                .isEqualTo(id);
        say("rm", "--all", "--force");
        assertThat(say("ps", "--all", "--quiet")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void shouldRunCommandsAndTakePartInWhatRuns(String transport) {
        String pod = say("runp", file("pod.json"));
        String id = launch(pod, "main.json");
        String[] exec = {"exec", "--transport", transport};

        assertThat(say("exec", "--sync", id, "echo", "synced")).isEqualTo("synced");
        Outcome failed =
                crictl(exec[0], exec[1], exec[2], id, "sh", "-c", "echo a >&2; exit 7").run();
        assertThat(failed.errors()).contains("a\n").contains("exit code 7");
        assertThat(
                        crictl(exec[0], exec[1], exec[2], "--interactive", id, "cat")
                                .reading("through")
                                .succeed()
                                .output())
                .isEqualTo("through");
        String speaker = launch(pod, "speaker.json");
        assertThat(
                        crictl("attach", "--transport", transport, "--stdin", speaker)
                                .reading("typed\n")
                                .run()
                                .output())
                .contains("typed");
        Patience.await(
                () -> say("ps", "--all", "--state", "exited", "--quiet").equals(speaker),
                () -> say("ps", "--all"));
        assertThat(say("logs", "--tail", "2", speaker)).isEqualTo("said\ntyped");
        assertThat(say("logs", "--tail", "1", "--timestamps", speaker)).endsWith("typed");
        assertThat(say("inspect", speaker)).contains("\"exitCode\": 3");
        forward(transport, pod, id);
    }

    private void forward(String transport, String pod, String id) {
        say("exec", "--sync", id, "sh", "-c", "httpd -p 80 -h /files");
        try (Running forwarding =
                crictl("port-forward", "--transport", transport, pod, "18099:80").start()) {
            String fetch = "busybox wget -qO- http://127.0.0.1:18099/plain";
            Patience.await(
                    () -> Command.of("sh", "-c", fetch).run().output().equals("content\n"),
                    () -> "nothing is forwarded: " + forwarding.errors());
            forwarding.signal("TERM");
        }
    }

    @Test
    void shouldTellOfEventsAsTheyCome() {
        try (Running events = crictl("events").start()) {
            Patience.await(
                    () -> {
                        say("runp", file("pod.json"));
                        say("rmp", "--all", "--force");
                        return events.output().contains("CONTAINER_STARTED_EVENT");
                    },
                    () -> "no events: " + events.errors());
            events.awaitOutput(said -> said.contains("CONTAINER_DELETED_EVENT"));
            events.signal("TERM");
        }
    }
}
