package dev.rung.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Pods: containers that share namespaces, networks and limits; and secrets, which nobody shares.
 */
@SystemTest
@NeedsProgram({"docker-registry", "umoci", "skopeo", "busybox"})
@TestInstance(Lifecycle.PER_CLASS)
class PodTests {
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

    private String out(String... words) {
        return engine.rung(words).succeed().output();
    }

    /** {@code run -d --pod}. */
    private void start(String pod, String name, String... command) {
        var words = new ArrayList<>(List.of("run", "-d", "--pod", pod, "--name", name));
        words.add(Engine.IMAGE);
        words.addAll(List.of(command));
        out(words.toArray(new String[0]));
    }

    private String status(String pod) {
        return out("pod", "inspect", "--format", "{{.State}}", pod).strip();
    }

    private List<String> shared() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(" " + engine.home() + "/run/pods")).toList();
        }
    }

    @Test
    void shouldShareNetworkNamesAndMemoryAndBeLimitedTogether() throws IOException {
        out("pod", "create", "--name", "shop", "-p", "127.0.0.1:8191:80", "--memory", "64m");
        assertThat(status("shop")).isEqualTo("Created");
        start("shop", "web", "sh", "-c", "mkdir /w; echo hi >/w/f; httpd -f -p 80 -h /w");
        start("shop", "side", "sleep", "100");

        assertThat(status("shop")).isEqualTo("Running");
        assertThat(out("exec", "side", "wget", "-qO-", "http://127.0.0.1/f")).isEqualTo("hi\n");
        assertThat(
                        engine.shell(
                                        "exec 3<>/dev/tcp/127.0.0.1/8191; printf 'GET /f HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3")
                                .succeed()
                                .output())
                .endsWith("hi\n");
        assertThat(out("exec", "side", "hostname")).isEqualTo("shop\n");
        out("exec", "web", "sh", "-c", "echo here >/dev/shm/note");
        assertThat(out("exec", "side", "cat", "/dev/shm/note")).isEqualTo("here\n");
        assertThat(out("pod", "top", "shop")).contains("httpd", "sleep 100");
        assertThat(
                        engine.shell(
                                        "cat $(find /sys/fs/cgroup -path '*/pod-*' -name memory.limit_in_bytes -o -path '*/pod-*' -name memory.max | grep '/pod-[0-9a-f]*/memory')")
                                .succeed()
                                .output()
                                .lines())
                .contains("67108864");
        assertThat(out("pod", "ps", "--format", "{{.Name}} {{.NumberOfContainers}}"))
                .isEqualTo("shop 2\n");
        engine.rung("run", "--pod", "shop", "-p", "81:81", Engine.IMAGE)
                .run()
                .failedSaying("network cannot be configured when it is shared with a pod");
        engine.rung("pod", "create", "shop").run().failedSaying("is in use: pod already exists");
        engine.rung("pod", "rm", "shop").run().failedSaying("cannot be removed without force");

        engine.kill();
        assertThat(out("exec", "side", "wget", "-qO-", "http://127.0.0.1/f")).isEqualTo("hi\n");
        out("pod", "stop", "-t", "0", "shop");
        assertThat(status("shop")).isEqualTo("Stopped");
        assertThat(shared()).isEmpty();
        out("pod", "start", "shop");
        Patience.await(
                () ->
                        engine.rung("exec", "side", "wget", "-qO-", "http://127.0.0.1/f")
                                        .run()
                                        .status()
                                == 0,
                () -> "the pod serves no more");
        out("pod", "pause", "shop");
        assertThat(status("shop")).isEqualTo("Paused");
        out("pod", "unpause", "shop");
        out("pod", "rm", "--force", "shop");
        assertThat(engine.rung("pod", "exists", "shop").run().status()).isEqualTo(1);
        assertThat(shared()).isEmpty();
        // links go with their namespace, when the kernel finds time
        engine.leavesNothing();
    }

    @Test
    void shouldShareProcessNumbersBelowOneThatReaps() throws IOException {
        out("pod", "create", "--name", "tree", "--share", "+pid", "--network", "none");
        start("tree", "first", "sleep", "100");
        start("tree", "second", "sh", "-c", "(sleep 0.1 &); exec sleep 200");

        Patience.await(
                () -> !out("exec", "first", "ps").contains("sleep 0.1"),
                () -> "the orphan is there");
        assertThat(
                        out("exec", "first", "ps")
                                .lines()
                                .map(line -> line.replaceAll(" +", " ").strip()))
                .anyMatch(line -> line.startsWith("1 65534 "))
                .anyMatch(line -> line.endsWith("sleep 200"))
                .noneMatch(line -> line.contains("[sleep]"));
        String tracing =
                "ls /proc/1/root/ | wc -l; ls -l /proc/1/fd | grep -v null | grep -c ' -> '";
        assertThat(
                        out(
                                "run",
                                "--rm",
                                "--pod",
                                "tree",
                                "--cap-add",
                                "SYS_PTRACE",
                                Engine.IMAGE,
                                "sh",
                                "-c",
                                tracing + "; true"))
                .isEqualTo("0\n0\n");
        out("rm", "-f", "first");
        assertThat(out("exec", "second", "ps")).contains("sleep 200");
        String pod = out("pod", "inspect", "--format", "{{.Id}}", "tree").strip();
        Path number = engine.home().resolve("run/pods/" + pod + "/first-process");
        String reaper = Files.readString(number).strip();
        assertThat(state(reaper)).isEqualTo("S");
        out("pod", "rm", "-f", "tree");
        assertThat(shared()).isEmpty();
        assertThat(state(reaper)).isIn("", "Z"); // dead; who made it may not have looked yet
    }

    private static String state(String pid) {
        return Command.of("ps", "-o", "s=", "-p", pid).run().output().strip();
    }

    @Test
    void shouldMakeAPodForOneContainerAndEndWithTheLast() {
        assertThat(out("run", "--rm", "--pod", "new:brief", Engine.IMAGE, "hostname"))
                .isEqualTo("brief\n");
        assertThat(engine.rung("pod", "exists", "brief").run().status()).isEqualTo(1);
        out("pod", "create", "--name", "ending", "--exit-policy", "stop");
        start("ending", "short", "sleep", "0.2");
        Patience.await(
                () -> out("pod", "inspect", "-f", "{{.Ready}}", "ending").equals("false\n"),
                () -> status("ending"));
        assertThat(status("ending")).isEqualTo("Exited");
        assertThat(out("pod", "prune", "--force")).hasSize(65);
        assertThat(out("ps", "-aq")).isEmpty();
    }

    @Test
    void shouldKeepSecretsToThoseWhoGetThem() {
        engine.rung("secret", "create", "password", "-").reading("hush-hush\n").succeed();
        engine.rung("secret", "create", "--env", "token", "TOKEN")
                .with("TOKEN", "tell-nobody")
                .succeed();
        assertThat(out("secret", "ls", "--format", "{{.Name}}")).isEqualTo("password\ntoken\n");
        engine.rung("secret", "create", "token", "-")
                .reading("x")
                .run()
                .failedSaying("secret name in use");

        out(
                "run",
                "-d",
                "--name",
                "trusted",
                "--network",
                "none",
                "--secret",
                "password,uid=1000,mode=0400",
                "--secret",
                "password,target=/etc/deep/password",
                "--secret",
                "token,type=env,target=KEY",
                Engine.IMAGE,
                "sleep",
                "100");
        assertThat(
                        out(
                                "exec",
                                "trusted",
                                "sh",
                                "-c",
                                "stat -c '%u %a' /run/secrets/password; cat /etc/deep/password;"
                                        + " echo $KEY; grep -c ' /run/secrets tmpfs' /proc/mounts ||"
                                        + " grep -c 'tmpfs /run/secrets tmpfs' /proc/mounts"))
                .isEqualTo("1000 400\nhush-hush\ntell-nobody\n1\n");
        assertThat(out("inspect", "trusted")).doesNotContain("hush-hush", "tell-nobody");
        assertThat(out("secret", "inspect", "password")).doesNotContain("hush-hush");
        out("commit", "trusted", "copied:1");
        assertThat(out("run", "--rm", "--network", "none", "copied:1", "ls", "/run/secrets"))
                .isEmpty();
        assertThat(out("inspect", "copied:1")).doesNotContain("tell-nobody");
        out("rm", "-f", "trusted");
        assertThat(engine.mounts()).isEmpty();
        out("secret", "rm", "--all");
        assertThat(engine.files("lib/secrets")).isEmpty();
        engine.rung("run", "--rm", "--secret", "password", Engine.IMAGE, "true")
                .run()
                .failedSaying("no such secret");
        out("rmi", "copied:1");
    }
}
