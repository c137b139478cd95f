package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Running;
import dev.rung.testkit.SystemTest;
import dev.rung.tests.drivers.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What is installed beside the programs: units of systemd and completion of shells. */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class ActivationTests {
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

    private static Path installed(String path) {
        return OciRuntime.binaryUnderTest()
                .toAbsolutePath()
                .resolveSibling("../" + path)
                .normalize();
    }

    @Test
    @NeedsProgram("systemd-socket-activate")
    void shouldTakeTheSocketOfAServiceManager() throws Exception {
        engine.rung("system", "shutdown").succeed();
        Path socket = engine.home().resolve("run/rung.sock");
        Patience.await(
                () -> !Files.exists(engine.home().resolve("run/rungd.pid")), () -> "it is there");
        Files.deleteIfExists(socket);

        try (Running manager =
                Command.of(
                                "systemd-socket-activate",
                                "--seqpacket",
                                "-E",
                                "RUNG_HOME",
                                "-l",
                                socket.toString(),
                                installed("bin/rungd").toString())
                        .with("RUNG_HOME", engine.home().toString())
                        .start()) {
            Patience.await(() -> Files.exists(socket), () -> "no socket");

            assertThat(engine.run("echo", "activated").output()).isEqualTo("activated\n");

            assertThat(engine.pid()).isEqualTo(Long.toString(manager.pid()));
        }
    }

    @Test
    void shouldStayInTheForegroundAsADaemon() {
        engine.rung("system", "shutdown").succeed();
        Patience.await(
                () -> !Files.exists(engine.home().resolve("run/rungd.pid")), () -> "it is there");

        try (Running daemon =
                Command.of(installed("bin/rung").toString(), "daemon")
                        .with("RUNG_HOME", engine.home().toString())
                        .start()) {
            Path pid = engine.home().resolve("run/rungd.pid");
            Patience.await(() -> Files.exists(pid), () -> "no engine");

            assertThat(engine.pid()).isEqualTo(Long.toString(daemon.pid()));
        }
    }

    @Test
    void shouldInstallUnitsThatStartIt() throws Exception {
        assertThat(Files.readString(installed("lib/systemd/system/rung.service")))
                .contains("ExecStart=" + installed("bin/rungd") + "\n", "KillMode=process\n");
        assertThat(Files.readString(installed("lib/systemd/system/rung.socket")))
                .contains("ListenSequentialPacket=/run/rung/rung.sock\n");
        assertThat(Files.isRegularFile(installed("share/zsh/site-functions/_rung"))).isTrue();
        assertThat(Files.isRegularFile(installed("share/fish/vendor_completions.d/rung.fish")))
                .isTrue();
    }

    @Test
    void shouldCompleteWordsInBash() {
        engine.start("completed", "sleep", "100");

        assertThat(completed("rung", "ru")).contains("run", "runtimes");
        assertThat(completed("rung", "run", "--privi")).containsExactly("--privileged");
        assertThat(completed("rung", "stop", "")).containsExactly("completed");
        assertThat(completed("rung", "system", "re")).containsExactly("reload");
        assertThat(completed("rung", "run", "--runtime", "ho")).containsExactly("host");
        engine.rung("rm", "-f", "completed").succeed();
    }

    @Test
    @NeedsProgram("fish")
    void shouldCompleteWordsInFish() {
        String script =
                "fish -c \"set -p fish_complete_path "
                        + installed("share/fish/vendor_completions.d")
                        + "; complete -C 'rung sta'; complete -C 'rung volume '\"";

        assertThat(engine.shell(script).succeed().output())
                .contains("start\t", "stats\t", "prune\tRemove unused local volumes");
    }

    @Test
    @NeedsProgram("zsh")
    void shouldCompleteWordsInZsh() {
        String functions = installed("share/zsh/site-functions").toString();
        try (Terminal shell = engine.otherTerminal("zsh", "-f", "-i")) {
            shell.type("fpath=(" + functions + " $fpath); autoload -Uz compinit; compinit -u -D\n");
            shell.type("echo is' 'ready\n").await("is ready\r");
            shell.type("rung ps --no-t\t").await("--no-trunc").type("\25");
            shell.type("rung renam\t").await("rename").type("\25\n");
            assertThat(shell.output()).doesNotContain("not found");
        }
    }

    private String[] completed(String... words) {
        String script =
                "source "
                        + installed("share/bash-completion/completions/rung")
                        + "; COMP_WORDS=(\""
                        + String.join("\" \"", words)
                        + "\"); COMP_CWORD="
                        + (words.length - 1)
                        + "; _rung; echo \"${COMPREPLY[@]}\"";
        return engine.shell(script).succeed().output().strip().split(" ");
    }
}
