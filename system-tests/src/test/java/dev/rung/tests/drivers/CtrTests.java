package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** {@code ctr run --runc-binary} and {@code ctr tasks}. */
@SystemTest
@NeedsProgram({"containerd", "ctr", "umoci", "script"})
@TestInstance(Lifecycle.PER_CLASS)
class CtrTests {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Containerd containerd = new Containerd();

    @AfterEach
    void removeContainers() {
        containerd.removeAll();
    }

    @AfterAll
    void end() {
        containerd.close();
    }

    @Test
    void shouldGiveOutputErrorsAndStatus() {
        Outcome outcome = run("", "sh -c", "echo out; echo err >&2; exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).contains("err\n");
    }

    @Test
    void shouldPassStdin() {
        // Not to its end: ctr forgets to close it when it ends before the container starts.
        Outcome outcome =
                containerd.run("--rm", "box", "sh -c", "head -n1").reading("given\n").succeed();

        assertThat(outcome.output()).isEqualTo("given\n");
    }

    @Test
    void shouldRunTheCommandOfTheImage() {
        Observation seen = run("", "").succeeded().observed();

        assertThat(seen.list("argv")).containsExactly("/observer");
        assertThat(seen.list("environ")).contains("ORIGIN=image");
        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
        assertThat(seen.of("pid")).isEqualTo("1");
        assertThat(seen.of("no_new_privs")).isEqualTo("1");
    }

    @Test
    void shouldSetEnvironmentFolderCapabilitiesAndSeccomp() {
        Observation seen =
                run(
                                "--env=COLOUR=blue --cwd=/etc --cap-add=CAP_NET_ADMIN"
                                        + " --cap-drop=CAP_CHOWN --seccomp --allow-new-privs",
                                "/observer")
                        .succeeded()
                        .observed();

        assertThat(seen.list("environ")).contains("COLOUR=blue");
        assertThat(seen.of("cwd")).isEqualTo("/etc");
        long capabilities = Long.parseUnsignedLong(seen.of("cap.effective"), 16);
        assertThat(capabilities >> 12 & 1).isOne();
        assertThat(capabilities & 1).isZero();
        assertThat(seen.of("seccomp")).isEqualTo("2");
        assertThat(seen.of("no_new_privs")).isEqualTo("0");
    }

    @Test
    void shouldMountAFolderOfTheHostAndMakeTheRootReadOnly() {
        containerd.room().write("shared/file", "from the host");
        String mount =
                "--mount=type=bind,src=%s,dst=/shared,options=rbind:ro"
                        .formatted(containerd.room().path("shared"));

        Outcome outcome = run("--read-only " + mount, "/observer read /shared/file , mkdir /x");

        assertThat(outcome.output()).contains("from the host", "error EROFS");
    }

    @Test
    void shouldJoinANamespaceByPath() {
        String net = own("net");

        Observation seen =
                run("--with-ns=network:" + net, "/observer see namespace").succeeded().observed();

        assertThat(seen.of("namespace", "net")).isEqualTo(leadsTo(net));
    }

    @Test
    void shouldStayInTheNetworkOfTheHost() {
        Observation seen = run("--net-host", "/observer see namespace").succeeded().observed();

        assertThat(seen.of("namespace", "net"))
                .isEqualTo(leadsTo("/proc/" + containerd.pid() + "/ns/net"));
    }

    @Test
    void shouldRunARootFileSystemWithoutAnImage() {
        String runtime = containerd.runLine("--rm --rootfs", "box", "/bin/echo plain");
        String line = runtime.replace(Room.IMAGE, containerd.room().rootfs().toString());

        assertThat(containerd.ctr(line).succeed().output()).isEqualTo("plain\n");
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        run("", "no-such-program").failedSaying("executable file not found in $PATH");
    }

    @Test
    void shouldWriteThePidFile() throws Exception {
        Path file = containerd.room().path("pid");

        containerd.run("--detach --pid-file=" + file, "box", "sleep 1000").succeed();

        assertThat(Path.of("/proc", Files.readString(file), "cmdline")).content().contains("sleep");
    }

    @Test
    void shouldListKillAndRemove() {
        containerd.run("--detach", "box", "sleep 1000").succeed();
        assertThat(containerd.status("box")).isEqualTo("RUNNING");

        containerd.ctr("tasks kill --signal=KILL box").succeed();

        containerd.await("box", "STOPPED");
        Outcome outcome = containerd.ctr("tasks rm box").succeed();
        assertThat(outcome.errors()).contains("exit with non-zero exit code 137");
        assertThat(containerd.status("box")).isEmpty();
    }

    @Test
    void shouldKillAllProcesses() {
        String options = "--detach --with-ns=pid:" + own("pid");
        containerd.run(options, "box", "sh -c", "sleep 1234 & exec sleep 1000").succeed();

        containerd.ctr("tasks kill --all --signal=KILL box").succeed();

        containerd.await("box", "STOPPED");
        Patience.await(() -> pids("sleep 1234").isEmpty(), () -> pids("sleep 1234"));
    }

    @Test
    void shouldPauseAndResume() {
        containerd.run("--detach", "box", "sleep 1000").succeed();

        containerd.ctr("tasks pause box").succeed();
        assertThat(containerd.status("box")).isEqualTo("PAUSED");

        containerd.ctr("tasks resume box").succeed();
        assertThat(containerd.status("box")).isEqualTo("RUNNING");
    }

    @Test
    void shouldExec() {
        containerd.run("--detach --env=ORIGIN=box", "box", "sleep 1000").succeed();

        Outcome outcome =
                containerd.ctr("tasks exec --exec-id=e1 box sh -c", "echo $ORIGIN; exit 6").run();

        assertThat(outcome.status()).isEqualTo(6);
        assertThat(outcome.output()).isEqualTo("box\n");
        containerd
                .ctr("tasks exec --exec-id=e2 box no-such-program")
                .run()
                .failedSaying("executable file not found in $PATH");
    }

    @Test
    void shouldListProcesses() {
        containerd.run("--detach", "box", "sh -c", "sleep 1000 & wait").succeed();

        Patience.await(
                () -> containerd.ctr("tasks ps box").succeed().output().lines().count() == 3,
                () -> containerd.ctr("tasks ps box").succeed().output());
    }

    @Test
    void shouldTellMetricsOfItsCgroup() {
        containerd.run("--detach --memory-limit=67108864", "box", "sleep 1000").succeed();

        Outcome outcome = containerd.ctr("tasks metrics box").succeed();

        assertThat(outcome.output()).contains("67108864").contains("pids.current");
    }

    @Test
    void shouldRunOnATerminal() {
        String line = containerd.runLine("--rm --tty", "box", "sh");
        try (Terminal terminal = containerd.terminal(line)) {
            terminal.await("#").type("tty; stty size; exit 5\n");

            Outcome outcome = terminal.await(SOON).ended(5);

            assertThat(outcome.output()).contains("/dev/pts/0", "33 77");
        }
    }

    @Test
    void shouldExecOnATerminal() {
        containerd.run("--detach", "box", "sleep 1000").succeed();
        try (Terminal terminal = containerd.terminal("tasks exec --tty --exec-id=e1 box sh")) {
            terminal.await("#").type("echo a$((1 + 1))b; exit 4\n");

            assertThat(terminal.await(SOON).ended(4).output()).contains("a2b");
        }
    }

    @Test
    void shouldRunManyAtOnce() {
        var calls = new Running[8];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = containerd.run("--rm", "box" + i, "echo " + i).start();
        }
        for (int i = 0; i < calls.length; i++) {
            try (Running call = calls[i]) {
                assertThat(call.await(Duration.ofSeconds(40)).succeeded().output())
                        .isEqualTo(i + "\n");
            }
        }
    }

    @Test
    void shouldBeRemovedWhenItsShimIsKilled() {
        containerd.run("--detach", "box", "sleep 4321").succeed();
        String shim = pids("containerd-shim.* -id box");

        containerd.room().command("kill", "-KILL", shim).succeed();

        Patience.await(() -> pids("sleep 4321").isEmpty(), () -> "the process still runs");
    }

    @Test
    void shouldSurviveARestartOfContainerd() {
        containerd.run("--detach", "box", "sleep 1000").succeed();

        containerd.restart();

        assertThat(containerd.status("box")).isEqualTo("RUNNING");
        assertThat(containerd.ctr("tasks exec --exec-id=e1 box echo hi").succeed().output())
                .isEqualTo("hi\n");
    }

    private Outcome run(String options, String program, String... words) {
        return containerd.run("--rm " + options, "box", program, words).run();
    }

    private String pids(String commandLine) {
        return containerd
                .room()
                .command("pgrep", "-f", "^[^ ]*" + commandLine)
                .run()
                .output()
                .strip();
    }

    /** A namespace of the tests. */
    private static String own(String type) {
        return "/proc/" + ProcessHandle.current().pid() + "/ns/" + type;
    }

    private static String leadsTo(String link) {
        try {
            return Files.readSymbolicLink(Path.of(link)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
