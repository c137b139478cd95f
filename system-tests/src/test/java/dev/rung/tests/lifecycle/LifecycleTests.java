package dev.rung.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.NeedsController;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From create to delete, as runtime-spec's runtime.md "Lifecycle" says, with runc's verbs. */
@SystemTest
class LifecycleTests {

    @Test
    void shouldRunAProcessAndGiveItsStatus(Sandbox sandbox) {
        Outcome outcome = sandbox.run(sandbox.bundle().act("exit", "42"));

        assertThat(outcome.status()).isEqualTo(42);
        assertThat(outcome.errors()).isEmpty();
    }

    @Test
    void shouldGiveASignalAsStatusAbove128(Sandbox sandbox) {
        // Process 1 of a pid namespace ignores its own signals, so its child dies of one.
        Outcome outcome =
                sandbox.run(sandbox.bundle().args("/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"));

        assertThat(outcome.status()).isEqualTo(137);
    }

    @Test
    void shouldPassStdinStdoutAndStderr(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().args("/bin/sh", "-c", "cat; echo complaint >&2");

        Outcome outcome = sandbox.call("run", bundle, sandbox.newId()).reading("given").run();

        assertThat(outcome.output()).isEqualTo("given");
        assertThat(outcome.errors()).isEqualTo("complaint\n");
    }

    @Test
    void shouldLeaveTheProcessUnstartedAfterCreate(Sandbox sandbox) {
        Container container = sandbox.create(sandbox.bundle().args("/bin/echo", "started"));

        assertThat(container.status()).isEqualTo("created");
        assertThat(container.output()).isEmpty();

        container.start().await("stopped");
        assertThat(container.output()).isEqualTo("started\n");
        container.delete();
    }

    @Test
    void shouldTellItsState(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().act("signals").set("annotations", Map.of("a", "b"));
        Container container = sandbox.start(bundle).awaitOutput("ready");

        Map<?, ?> state = container.state();

        assertThat(state.get("id")).isEqualTo(container.id());
        assertThat(state.get("status")).isEqualTo("running");
        assertThat(state.get("bundle")).isEqualTo(bundle.folder().toString());
        assertThat(state.get("ociVersion")).asString().startsWith("1.");
        assertThat(state.get("annotations")).isEqualTo(Map.of("a", "b"));
        assertThat(Path.of("/proc", state.get("pid").toString(), "root")).exists();
    }

    @Test
    void shouldWriteThePidFile(Sandbox sandbox) throws Exception {
        Path file = sandbox.folder().resolve("pid");

        Container container =
                sandbox.create(sandbox.bundle().act("signals"), "--pid-file", file.toString());

        assertThat(Files.readString(file)).isEqualTo(Long.toString(container.pid()));
    }

    @Test
    void shouldSendSignals(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        container.kill("USR1").awaitOutput("signal USR1");
        container.kill("SIGHUP").awaitOutput("signal HUP");
        container.kill("12").awaitOutput("signal USR2");
        container.kill("TERM").await("stopped");
    }

    @Test
    void shouldRefuseToKillWhatHasStopped(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("exit", "0")).await("stopped");

        container.call("kill", List.of(), List.of("KILL")).failedSaying("container not running");
    }

    @Test
    void shouldRefuseASecondContainerOfTheSameName(Sandbox sandbox) {
        Container container = sandbox.create(sandbox.bundle().act("signals"));

        sandbox.call("create", sandbox.bundle(), container.id()).run().failedSaying("exist");
        assertThat(container.status()).isEqualTo("created");
    }

    @Test
    void shouldRefuseToStartTwice(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        container.call("start").failedSaying("cannot start an already running container");
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void shouldCreateButNotStartWithoutAProcess(Sandbox sandbox) {
        Container container = sandbox.create(sandbox.bundle().remove("process"));

        container.call("start").failedSaying("no process (config.json: process)");
        assertThat(container.status()).isEqualTo("created");
        assertThat(container.exec("/bin/sh", "-c", "exit 7").status()).isEqualTo(7);
        container.delete();

        sandbox.run(sandbox.bundle().remove("process"))
                .failedSaying("process property must not be empty (config.json: process)");
    }

    @Test
    void shouldTakeNamesThatBeginWithADot(Sandbox sandbox) {
        for (String id : List.of(".hidden", "...", "+a.b_c-")) {
            sandbox.call("run", sandbox.bundle().act("exit", "3"), id).run().ended(3);
        }
        for (String id : List.of(".", "..", "a/b", "a b")) {
            sandbox.call("run", sandbox.bundle().act("exit", "3"), id)
                    .run()
                    .failedSaying("invalid container ID format");
        }
    }

    @Test
    void shouldRefuseToDeleteWhatRuns(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        container.call("delete").failedSaying("is not stopped");
        container.call("delete", "--force").succeeded();
        container.call("state").failedSaying("does not exist");
    }

    @Test
    void shouldDeleteWhatWasOnlyCreated(Sandbox sandbox) {
        Container container = sandbox.create(sandbox.bundle().act("signals"));

        container.delete();

        container.call("state").failedSaying("does not exist");
    }

    @Test
    void shouldTellOfNoContainerThatIsNotThere(Sandbox sandbox) {
        sandbox.runtime().command("state", "nobody").run().failedSaying("does not exist");
        sandbox.runtime().command("start", "nobody").run().failedSaying("does not exist");
        sandbox.runtime().command("kill", "nobody", "KILL").run().failedSaying("does not exist");
        sandbox.runtime().command("delete", "nobody").run().failedSaying("does not exist");
        sandbox.runtime().command("delete", "--force", "nobody").succeed();
    }

    @Test
    void shouldListContainers(Sandbox sandbox) {
        Container container = sandbox.create(sandbox.bundle().act("signals"));

        String quiet = sandbox.runtime().command("list", "--quiet").succeed().output();
        String table = sandbox.runtime().command("list").succeed().output();

        assertThat(quiet).isEqualTo(container.id() + "\n");
        assertThat(table.lines().toList().getFirst())
                .matches("ID +PID +STATUS +BUNDLE +CREATED +OWNER *");
        assertThat(table).contains(container.id(), "created");
    }

    @Test
    void shouldPauseAndResume(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        container.call("pause").succeeded();
        assertThat(container.status()).isEqualTo("paused");
        container.call("resume").succeeded();

        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void shouldExecuteInARunningContainer(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        Outcome outcome = container.exec("/bin/sh", "-c", "cat /proc/sys/kernel/hostname; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("observed\n");
    }

    @Test
    void shouldForwardSignalsInRun(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().act("signals");
        try (Running run = sandbox.call("run", bundle, sandbox.newId()).start()) {
            run.awaitOutput(output -> output.contains("ready"));

            run.signal("USR1");
            run.awaitOutput(output -> output.contains("signal USR1"));
            run.signal("TERM");

            Patience.await(() -> !run.isAlive(), () -> "still runs: " + run.output());
        }
    }

    @Test
    void shouldRunDetached(Sandbox sandbox) {
        String id = sandbox.newId();
        try (Running run =
                sandbox.call("run", sandbox.bundle().act("signals"), id, "--detach").start()) {
            run.await(Duration.ofSeconds(30)).succeeded();
            run.awaitOutput(output -> output.contains("ready"));
            sandbox.runtime().command("delete", "--force", id).succeed();
        }
    }

    @Test
    @NeedsController("freezer")
    void shouldDeleteWhatAForeignFreezerHolds(Sandbox sandbox) throws Exception {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        Path foreign = Files.createDirectory(Path.of("/sys/fs/cgroup/freezer", sandbox.newId()));
        sandbox.atTheEnd(() -> Command.of("rmdir", foreign.toString()).succeed());
        Files.writeString(foreign.resolve("cgroup.procs"), Long.toString(container.pid()));
        Files.writeString(foreign.resolve("freezer.state"), "FROZEN");

        assertThat(container.call("delete", "--force").succeeded().errors()).isEmpty();
    }

    @Test
    void shouldDeleteByRegularExpression(Sandbox sandbox) {
        Container first = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        Container second = sandbox.create(sandbox.bundle().act("signals"));
        String pattern = second.id().replaceFirst("-2$", "-[2-9]");

        sandbox.runtime().command("delete", "--force", "--regex", pattern).succeed();

        second.call("state").failedSaying("container does not exist");
        assertThat(first.status()).isEqualTo("running");
        sandbox.runtime().command("delete", "--regex", "(").run().failedSaying("expression");
    }

    @Test
    void shouldGoOnAfterAFailingPoststopHook(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("exit", "0")
                        .set("hooks.poststop", List.of(Map.of("path", "/bin/false")));

        assertThat(sandbox.run(bundle).succeeded().errors())
                .contains("level=warning", "poststop hook failed with exit code 1");
    }

    @Test
    void shouldPutWhatHooksPrintIntoFiles(Sandbox sandbox) throws Exception {
        Path out = sandbox.folder().resolve("out");
        Path err = sandbox.folder().resolve("err");
        var hook =
                Map.of(
                        "path",
                        "/bin/sh",
                        "args",
                        List.of("sh", "-c", "echo $0 said; echo $0 complained >&2"));
        Bundle bundle =
                sandbox.bundle()
                        .act("exit", "0")
                        .set("hooks.createRuntime", List.of(hook))
                        .set("hooks.poststop", List.of(hook))
                        .set(
                                "annotations",
                                Map.of(
                                        "run.oci.hooks.stdout", out.toString(),
                                        "run.oci.hooks.stderr", err.toString()));

        assertThat(sandbox.run(bundle).succeeded().errors()).isEmpty();

        assertThat(Files.readString(out)).isEqualTo("sh said\n".repeat(2));
        assertThat(Files.readString(err)).isEqualTo("sh complained\n".repeat(2));
    }
}
