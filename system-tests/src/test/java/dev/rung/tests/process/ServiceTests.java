package dev.rung.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a caller that is a service of systemd hands on: NOTIFY_SOCKET and LISTEN_FDS. */
@SystemTest
class ServiceTests {
    private static final String LIES = "STATUS=up\nMAINPID=1\nREADY=1\nSTOPPING=1";

    private static Bundle telling(Sandbox sandbox) {
        return sandbox.bundle()
                .act("notify", "STATUS=early", ",", "notify", LIES, ",", "signals")
                .capabilities("CAP_KILL");
    }

    @Test
    void shouldPassOnThatADetachedContainerIsReady(Sandbox sandbox) throws Exception {
        Path socket = sandbox.folder().resolve("notify");
        Running manager = sandbox.serviceManager(socket);
        Path pidFile = sandbox.folder().resolve("pid");
        String id = sandbox.newId();

        sandbox.call("run", telling(sandbox), id, "--detach", "--pid-file", pidFile.toString())
                .with("NOTIFY_SOCKET", socket.toString())
                .succeed();

        manager.awaitOutput(output -> output.contains("BARRIER=1"));
        assertThat(manager.output())
                .isEqualTo(told("READY=1", "MAINPID=" + Files.readString(pidFile), "BARRIER=1"));
        sandbox.runtime().command("delete", "--force", id).succeed();
        assertThat(sandbox.runtime().root().resolve(id)).doesNotExist();
    }

    @Test
    void shouldPassOnThatAStartedContainerIsReady(Sandbox sandbox) {
        Path socket = sandbox.folder().resolve("notify");
        Running manager = sandbox.serviceManager(socket);
        String id = sandbox.newId();
        sandbox.call("create", telling(sandbox), id)
                .with("NOTIFY_SOCKET", socket.toString())
                .succeed();
        assertThat(manager.output()).isEqualTo(told());

        sandbox.runtime().command("start", id).with("NOTIFY_SOCKET", socket.toString()).succeed();

        manager.awaitOutput(output -> output.contains("BARRIER=1"));
        String state = sandbox.runtime().command("state", id).succeed().output();
        String pid = state.replaceAll("(?s).*\"pid\": *([0-9]+).*", "$1");
        assertThat(manager.output()).isEqualTo(told("READY=1", "MAINPID=" + pid, "BARRIER=1"));
    }

    @Test
    void shouldPassOnThatAContainerInTheForegroundIsReady(Sandbox sandbox) {
        Path socket = sandbox.folder().resolve("notify");
        Running manager = sandbox.serviceManager(socket);
        try (Running run =
                sandbox.call("run", telling(sandbox), sandbox.newId())
                        .with("NOTIFY_SOCKET", socket.toString())
                        .start()) {
            manager.awaitOutput(output -> output.contains("MAINPID"));

            assertThat(manager.output()).isEqualTo(told("READY=1", "MAINPID=" + run.pid()));
            run.awaitOutput(output -> output.contains("ready"));
            run.signal("TERM");
            run.awaitOutput(output -> output.contains("signal TERM"));
        }
    }

    @Test
    void shouldNotWaitForAProcessThatEndsUnready(Sandbox sandbox) {
        Path socket = sandbox.folder().resolve("notify");
        Running manager = sandbox.serviceManager(socket);
        Outcome outcome =
                sandbox.call("run", sandbox.bundle().args("true"), sandbox.newId(), "--detach")
                        .with("NOTIFY_SOCKET", socket.toString())
                        .run();

        assertThat(outcome.succeeded().errors()).isEmpty();
        assertThat(manager.output()).isEqualTo(told());
    }

    private static String told(String... lines) {
        var text = new StringBuilder("listening\n");
        for (String line : lines) {
            text.append("told ").append(line).append('\n');
        }
        return text.toString();
    }

    @Test
    void shouldHandOnDescriptorsOfSocketActivation(Sandbox sandbox) throws Exception {
        Files.writeString(sandbox.folder().resolve("one"), "1");
        Files.writeString(sandbox.folder().resolve("two"), "2");
        Files.writeString(sandbox.folder().resolve("more"), "3");
        String open = "cd " + sandbox.folder() + "; exec 3<one 4<two 5<more; ";
        Bundle bundle =
                sandbox.bundle()
                        .args(
                                "/bin/sh",
                                "-c",
                                "echo $LISTEN_FDS $LISTEN_PID $(cat <&3) $(cat <&4); ls /proc/self/fd");

        Outcome mine =
                sandbox.call("run", bundle, sandbox.newId())
                        .under("sh", "-c", open + "LISTEN_FDS=2 LISTEN_PID=$$ exec \"$@\"", "-")
                        .succeed();
        Outcome others =
                sandbox.call("run", bundle.args("/bin/env"), sandbox.newId())
                        .under("sh", "-c", open + "LISTEN_FDS=2 LISTEN_PID=1 exec \"$@\"", "-")
                        .succeed();

        assertThat(mine.output().lines().toList())
                .isEqualTo(List.of("2 1 1 2", "0", "1", "2", "3", "4", "5"));
        assertThat(others.output()).doesNotContain("LISTEN");
    }

    @Test
    void shouldReapWhatOutlivesItsParent(Sandbox sandbox) {
        // Without a pid namespace an orphan goes to the nearest reaper above.
        Bundle bundle = sandbox.bundle().withoutNamespace("pid");
        String orphan = "(sh -c 'sleep 0.5; cut -d\" \" -f4 /proc/$$/stat' &)";
        String line = orphan + "; sleep 1";
        bundle.args("/bin/busybox", "sh", "-c", line);

        try (Running own = sandbox.call("run", bundle, sandbox.newId()).start()) {
            own.awaitOutput(output -> output.endsWith("\n"));
            assertThat(own.output()).isEqualTo(own.pid() + "\n");
        }
        try (Running none =
                sandbox.call("run", bundle, sandbox.newId(), "--no-subreaper").start()) {
            none.awaitOutput(output -> output.endsWith("\n"));
            assertThat(none.output()).isNotEqualTo(none.pid() + "\n");
        }
    }
}
