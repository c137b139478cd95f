package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The whole path: an image is pulled, run, looked into and removed, in an engine of its own. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class RunTests {
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

    @Test
    void shouldRunToTheEnd() {
        Outcome outcome = engine.run("sh", "-c", "echo out $ORIGIN; echo err >&2; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out image\n");
        assertThat(outcome.errors()).isEqualTo("err\n");
    }

    @Test
    void shouldPassStdinOn() {
        Outcome outcome =
                engine.rung("run", "--rm", "-i", "--network", "none", Engine.IMAGE, "cat")
                        .reading("to and fro")
                        .succeed();

        assertThat(outcome.output()).isEqualTo("to and fro");
    }

    @Test
    void shouldSayWhatCannotBeRun() {
        Outcome missing = engine.run("nosuchprogram");
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.errors())
                .contains("exec: \"nosuchprogram\": executable file not found in $PATH");
        assertThat(engine.run("/etc/passwd").status()).isEqualTo(126);
        Outcome runtime = engine.rung("run", "--runtime", "nope", Engine.IMAGE).run();
        assertThat(runtime.status()).isEqualTo(125);
        assertThat(runtime.errors())
                .contains("unknown or invalid runtime name: nope, there are host");
        assertThat(engine.rung("run", "--nope", Engine.IMAGE).run().errors())
                .startsWith("unknown flag: --nope\n");
    }

    @Test
    void shouldLeaveNothingBehind() {
        engine.run("sh", "-c", "touch /left").ended(0);

        assertThat(engine.rung("ps", "-aq").succeed().output()).isEmpty();
        assertThat(engine.mounts()).isEmpty();
        Patience.await(
                () ->
                        engine.files("lib/containers").isEmpty()
                                && engine.files("lib/snapshots/containers").isEmpty()
                                && engine.files("run/containers").isEmpty()
                                && engine.files("run/oci/host").isEmpty(),
                () -> "there is " + engine.files("lib/containers"));
    }

    @Test
    void shouldShowWhatRuns() {
        engine.start("shown", "sh", "-c", "echo one; echo two; exec sleep 100");

        assertThat(engine.rung("ps", "--format", "{{.Names}} {{.State}}").succeed().output())
                .isEqualTo("shown running\n");
        Patience.await(() -> engine.logs("shown").equals("one\ntwo\n"), () -> engine.logs("shown"));
        assertThat(engine.rung("logs", "--tail", "1", "shown").succeed().output())
                .isEqualTo("two\n");
        assertThat(engine.inspect("shown", ".State.Status")).isEqualTo("running");
        assertThat(engine.inspect("shown", "json .Config.Cmd"))
                .isEqualTo("[\"sh\",\"-c\",\"echo one; echo two; exec sleep 100\"]");
        engine.rung("rm", "shown").run().failedSaying("container is running");
        engine.rung("rm", "-f", "shown").succeed();
        engine.rung("inspect", "shown").run().failedSaying("No such object: shown");
    }

    @Test
    void shouldExecute() {
        engine.start("busy", "sleep", "100");

        assertThat(engine.rung("exec", "busy", "sh", "-c", "exit 3").run().status()).isEqualTo(3);
        assertThat(engine.rung("exec", "busy").run().status()).isEqualTo(1);
        Outcome seen =
                engine.rung(
                                "exec",
                                "-u",
                                "joe",
                                "-w",
                                "/tmp",
                                "-e",
                                "A=b",
                                "busy",
                                "sh",
                                "-c",
                                "id; pwd; echo $A $ORIGIN")
                        .succeed();
        assertThat(seen.output())
                .isEqualTo(
                        "uid=1000(joe) gid=1001(joe) groups=55(more),1001(joe)\n/tmp\nb image\n");
        assertThat(engine.rung("exec", "busy", "nosuch").run().status()).isEqualTo(127);
        assertThat(engine.rung("exec", "-i", "busy", "cat").reading("in").succeed().output())
                .isEqualTo("in");
        engine.rung("rm", "-f", "busy").succeed();
    }

    @Test
    void shouldStopPauseAndStartAgain() {
        engine.start("steady", "sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done");

        engine.rung("pause", "steady").succeed();
        assertThat(engine.inspect("steady", ".State.Status")).isEqualTo("paused");
        engine.rung("exec", "steady", "true").run().failedSaying("is paused");
        engine.rung("unpause", "steady").succeed();
        engine.rung("stop", "steady").succeed();
        assertThat(engine.inspect("steady", ".State.ExitCode")).isEqualTo("5");
        assertThat(engine.rung("wait", "steady").succeed().output()).isEqualTo("5\n");
        engine.rung("start", "steady").succeed();
        engine.rung("rename", "steady", "renamed").succeed();
        engine.rung("kill", "renamed").succeed();
        Patience.await(
                () -> engine.inspect("renamed", ".State.ExitCode").equals("137"),
                () -> engine.inspect("renamed", "json .State"));
        engine.rung("rm", "renamed").succeed();
    }

    @Test
    void shouldGoOnWhenItsOwnFrontEndIsKilled() {
        for (int round = 0; round < 5; round++) {
            engine.start("worked", "sleep", "100");
            engine.killWorker();
            engine.rung("kill", "worked").succeed();
            assertThat(engine.rung("wait", "worked").succeed().output()).isEqualTo("137\n");
            engine.killWorker();
            engine.rung("rm", "worked").succeed();
        }
    }

    /** As docker: 127 is for the program alone. */
    @Test
    void shouldTellAMissingProgramFromOtherMissingFiles() {
        assertThat(engine.run("nosuch").status()).isEqualTo(127);
        assertThat(engine.run("/etc/passwd").status()).isEqualTo(126);
        String[] elsewhere = {
            "run", "--rm", "--network", "none", "--device", "/dev/nosuch", Engine.IMAGE, "true"
        };
        assertThat(engine.rung(elsewhere).run().status()).isEqualTo(125);
    }

    @Test
    void shouldLoseNothingWhenTheEngineIsKilled() {
        engine.start(
                "survivor", "sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done");
        engine.start("ended", "sh", "-c", "sleep 0.5; exit 9");
        String pid = engine.inspect("survivor", ".State.Pid");

        engine.kill();
        Command.of("sleep", "1").succeed();

        assertThat(engine.inspect("survivor", ".State.Pid")).isEqualTo(pid);
        assertThat(engine.inspect("survivor", ".State.Status")).isEqualTo("running");
        assertThat(engine.inspect("ended", ".State.ExitCode")).isEqualTo("9");
        List<String> lines = engine.logs("survivor").lines().toList();
        assertThat(lines).hasSizeGreaterThan(8);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).isEqualTo(Integer.toString(i + 1));
        }
        assertThat(engine.rung("exec", "survivor", "echo", "there").succeed().output())
                .isEqualTo("there\n");
        engine.rung("rm", "-f", "survivor", "ended").succeed();
        assertThat(engine.mounts()).isEmpty();
    }

    @Test
    void shouldRestartByPolicy() {
        engine.rung(
                        "run",
                        "-d",
                        "--name",
                        "again",
                        "--restart",
                        "on-failure:2",
                        "--network",
                        "none",
                        Engine.IMAGE,
                        "sh",
                        "-c",
                        "echo run; exit 1")
                .succeed();

        Patience.await(
                () ->
                        engine.inspect("again", ".State.Status").equals("exited")
                                && engine.logs("again").equals("run\nrun\nrun\n"),
                () -> engine.logs("again"));
        engine.rung("rm", "again").succeed();
    }

    @Test
    @NeedsProgram("runc")
    void shouldRunWithAnyRuntime() {
        Outcome outcome =
                engine.rung(
                                "run",
                                "--rm",
                                "--runtime",
                                "runc",
                                "--network",
                                "none",
                                Engine.IMAGE,
                                "echo",
                                "by runc")
                        .succeed();

        assertThat(outcome.output()).isEqualTo("by runc\n");
    }
}
