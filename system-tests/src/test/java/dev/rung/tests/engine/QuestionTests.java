package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What scripts ask an engine: filters, templates, logs, exit codes of what is not there. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class QuestionTests {
    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @BeforeAll
    void begin() {
        String runtime = OciRuntime.binaryUnderTest().getFileName().toString();
        assumeTrue(runtime.equals("rung-oci"), "rung is judged beside its own runtime only");
        engine = new Engine();
        for (String name : new String[] {"first", "second", "third"}) {
            engine.rung(
                            "run",
                            "-d",
                            "--name",
                            name,
                            "--label",
                            "org.example.part=" + name,
                            "--label",
                            "all=yes",
                            "--expose",
                            "7000-7002",
                            "-p",
                            "127.0.0.1::80",
                            "--log-opt",
                            "max-size=1k",
                            "--log-opt",
                            "max-file=3",
                            "--log-opt",
                            "labels=all",
                            Engine.IMAGE,
                            "sh",
                            "-c",
                            "for i in $(seq 30); do echo line $i; done; exec sleep 4242")
                    .succeed();
        }
    }

    @AfterAll
    void end() {
        if (engine != null) {
            engine.close();
        }
    }

    private String names(String... filters) {
        var words = new ArrayList<String>();
        words.add("ps");
        words.add("--format");
        words.add("{{.Names}}");
        for (String filter : filters) {
            words.add("--filter");
            words.add(filter);
        }
        return engine.rung(words.toArray(new String[0])).succeed().output().replace("\n", " ");
    }

    @Test
    void shouldListWhatAFilterTakes() {
        assertThat(names("before=second")).isEqualTo("first ");
        assertThat(names("since=second")).isEqualTo("third ");
        assertThat(names("name=^(first|third)$")).isEqualTo("third first ");
        assertThat(names("label=all=yes", "label=org.example.part=second")).isEqualTo("second ");
        assertThat(names("expose=7001")).isEqualTo("third second first ");
        assertThat(names("expose=7001/udp")).isEmpty();
        String port = engine.rung("port", "second", "80").succeed().output().strip();
        assertThat(names("publish=" + port.substring(port.indexOf(':') + 1))).isEqualTo("second ");
        Outcome wrong = engine.rung("ps", "--filter", "publish=some").run();
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.errors()).contains("invalid filter 'publish=some'");
    }

    @Test
    void shouldFillTemplatesAsDockerDoes() {
        assertThat(
                        engine.rung(
                                        "ps",
                                        "--filter",
                                        "name=first",
                                        "--format",
                                        "table {{.Names}}\t{{.Label \"org.example.part\"}}")
                                .succeed()
                                .output())
                .matches("NAMES +part\nfirst +first\n");
        assertThat(engine.inspect("first", ".Config.Labels.none")).isEqualTo("<no value>");
        assertThat(
                        engine.rung(
                                        "events",
                                        "--since",
                                        "10m",
                                        "--until",
                                        "0s",
                                        "--filter",
                                        "container=first",
                                        "--filter",
                                        "event=start",
                                        "--format",
                                        "{{.Status}} {{.From}} {{.Actor.Attributes.exitCode}}")
                                .succeed()
                                .output())
                .isEqualTo("start " + Engine.IMAGE + " <no value>\n");
        assertThat(
                        engine.rung("version", "--format", "{{.Client.Version}}{{.Server.Os}}")
                                .succeed()
                                .output())
                .endsWith("linux\n");
    }

    @Test
    void shouldSayWhatIsNotThere() {
        Outcome inspected = engine.rung("inspect", "nothing").run();
        assertThat(inspected.output()).isEqualTo("[]\n");
        assertThat(inspected.errors()).isEqualTo("Error: No such object: nothing\n");
        assertThat(inspected.status()).isEqualTo(1);
        Outcome started = engine.rung("start", "first", "nothing").run();
        assertThat(started.errors()).endsWith("Error: failed to start containers: nothing\n");
        assertThat(started.status()).isEqualTo(1);
        for (String command : new String[] {"rm", "rmi"}) {
            Outcome forced = engine.rung(command, "--force", "nothing").run();
            assertThat(forced.errors()).contains("No such");
            assertThat(forced.status()).isZero();
            assertThat(engine.rung(command, "nothing").run().status()).isEqualTo(1);
        }
        engine.rung("create", "--name", "over", Engine.IMAGE, "true").succeed();
        engine.rung("start", "over").succeed();
        Patience.await(
                () -> engine.inspect("over", ".State.Status").equals("exited"),
                () -> engine.inspect("over", ".State.Status"));
        assertThat(engine.rung("attach", "over").run().errors())
                .contains("You cannot attach to a stopped container, start it first");
        engine.rung("rm", "over").succeed();
    }

    @Test
    void shouldTailLogsThatWereRotated() {
        Patience.await(
                () -> engine.logs("first").endsWith("line 30\n"), () -> engine.logs("first"));

        assertThat(engine.rung("logs", "--tail", "0", "first").succeed().output()).isEmpty();
        assertThat(engine.rung("logs", "-n", "2", "--details", "first").succeed().output())
                .isEqualTo("all=yes line 29\nall=yes line 30\n");
        // some in an older file
        assertThat(engine.rung("logs", "-n", "12", "first").succeed().output())
                .startsWith("line 19\n")
                .endsWith("line 30\n");
    }
}
