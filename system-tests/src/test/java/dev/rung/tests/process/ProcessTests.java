package dev.rung.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Container;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the process finds, as config.md "Process" says. */
@SystemTest
class ProcessTests {

    @Test
    void shouldPassArgumentsAndEnvironmentUnchanged(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("see", "argv", "environ", "a b", "", "ü")
                        .set("process.env", List.of("PATH=/bin", "HOME=/tmp", "EMPTY=", "X=a=b c"));

        Observation seen = sandbox.run(bundle).succeeded().observed();

        assertThat(seen.list("argv"))
                .containsExactly("/observer", "see", "argv", "environ", "a b", "", "\\xc3\\xbc");
        assertThat(seen.list("environ"))
                .containsExactly("PATH=/bin", "HOME=/tmp", "EMPTY=", "X=a=b c");
    }

    @Test
    void shouldTakeHomeFromTheContainersPasswd(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("see", "environ")
                        .set("process.env", List.of("PATH=/bin"))
                        .set("process.user", Map.of("uid", 1000, "gid", 1000));

        Observation seen = sandbox.run(bundle).succeeded().observed();

        assertThat(seen.list("environ")).containsExactly("PATH=/bin", "HOME=/home/user");
    }

    @Test
    void shouldMakeTheWorkingFolder(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle().set("process.cwd", "/work/here").set("root.readonly", false);

        assertThat(sandbox.observe(bundle).of("cwd")).isEqualTo("/work/here");
    }

    @Test
    void shouldSetUserGroupsAndUmask(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set(
                                "process.user",
                                Map.of(
                                        "uid",
                                        1000,
                                        "gid",
                                        1001,
                                        "umask",
                                        0077,
                                        "additionalGids",
                                        List.of(5, 6)));

        Observation seen = sandbox.observe(bundle);

        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("gid")).isEqualTo("1001 1001 1001 1001");
        assertThat(seen.of("groups")).isEqualTo("5 6");
        assertThat(seen.of("umask")).isEqualTo("0077");
    }

    @Test
    void shouldSetTheFiveCapabilitySets(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set(
                                "process.capabilities",
                                Map.of(
                                        "bounding",
                                                List.of(
                                                        "CAP_CHOWN",
                                                        "CAP_KILL",
                                                        "CAP_SETUID",
                                                        "CAP_SYS_CHROOT"),
                                        "effective", List.of("CAP_KILL"),
                                        "permitted", List.of("CAP_CHOWN", "CAP_KILL", "CAP_SETUID"),
                                        "inheritable", List.of("CAP_CHOWN", "CAP_SETUID"),
                                        "ambient", List.of("CAP_CHOWN")))
                        .set("process.user", Map.of("uid", 1000, "gid", 1000));

        Observation seen = sandbox.observe(bundle);

        // An ordinary user's execve keeps the ambient set only.
        assertThat(seen.of("cap.bounding")).isEqualTo("00000000000400a1");
        assertThat(seen.of("cap.inheritable")).isEqualTo("0000000000000081");
        assertThat(seen.of("cap.permitted")).isEqualTo("0000000000000001");
        assertThat(seen.of("cap.effective")).isEqualTo("0000000000000001");
        assertThat(seen.of("cap.ambient")).isEqualTo("0000000000000001");
    }

    @Test
    void shouldSetLimitsAndNoNewPrivileges(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set(
                                "process.rlimits",
                                List.of(
                                        Map.of("type", "RLIMIT_NOFILE", "soft", 512, "hard", 1024),
                                        Map.of("type", "RLIMIT_CORE", "soft", 0, "hard", 4096)));

        Observation seen = sandbox.observe(bundle);

        assertThat(seen.of("rlimit", "nofile")).isEqualTo("512 1024");
        assertThat(seen.of("rlimit", "core")).isEqualTo("0 4096");
        assertThat(seen.of("no_new_privs")).isEqualTo("1");
        assertThat(
                        sandbox.observe(sandbox.bundle().set("process.noNewPrivileges", false))
                                .of("no_new_privs"))
                .isEqualTo("0");
    }

    @Test
    void shouldRaiseOomScoreAdj(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle().set("process.oomScoreAdj", 500));

        assertThat(seen.of("oom_score_adj")).isEqualTo("500");
    }

    @Test
    void shouldLeaveOnlyStandardDescriptorsOpen(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.map("fd")).containsOnlyKeys("0", "1", "2");
    }

    @Test
    void shouldStartWithDefaultSignals(Sandbox sandbox) {
        // The JVM that runs these tests ignores signal 32.
        assumeTrue(sandbox.runtime().isRung(), "peers pass on what their caller ignores");
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.of("signals.blocked")).isEqualTo("0000000000000000");
        assertThat(seen.of("signals.ignored")).isEqualTo("0000000000000000");
        assertThat(seen.of("pdeathsig")).isEqualTo("0");
    }

    @Test
    void shouldSayWhatIsMissingWhenTheProgramIsNotThere(Sandbox sandbox) {
        sandbox.run(sandbox.bundle().args("nothing-of-this-name"))
                .failedSaying("executable file not found in $PATH");
        sandbox.run(sandbox.bundle().args("/no/such/program"))
                .failedSaying("no such file or directory");
        sandbox.run(sandbox.bundle().args("/etc/passwd")).failedSaying("permission denied");
    }

    @Test
    void shouldGiveATerminal(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("see", "tty", "isatty")
                        .set("process.terminal", true)
                        .set("process.consoleSize", Map.of("width", 100, "height", 40));
        var socket = sandbox.folder().resolve("console");
        var terminal = sandbox.terminal(socket);

        sandbox.start(bundle, "--console-socket", socket.toString()).await("stopped");

        terminal.awaitOutput(output -> output.contains("isatty[2] 1"));
        terminal.awaitOutput(output -> output.contains("tty.size 100 40"));
        terminal.awaitOutput(output -> output.contains("tty.name /dev/"));
    }

    @Test
    void shouldRefuseAProfileThatTheKernelCannotApply(Sandbox sandbox) {
        assumeTrue(
                !Files.exists(Path.of("/sys/module/apparmor/parameters/enabled")),
                "the kernel has AppArmor");

        sandbox.call(
                        "run",
                        sandbox.bundle().set("process.apparmorProfile", "docker-default"),
                        sandbox.newId())
                .run()
                .failedSaying("apparmor: config provided but apparmor not supported");
    }

    @Test
    void shouldRefuseATerminalWithoutAnyOfTheCaller(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().set("process.terminal", true);

        sandbox.call("run", bundle, sandbox.newId())
                .under("setsid", "--wait")
                .run()
                .failedSaying("open /dev/tty: no such device or address");

        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        sandbox.runtime()
                .command("exec", "--tty", container.id(), "true")
                .under("setsid", "--wait")
                .run()
                .failedSaying("open /dev/tty: no such device or address");
    }

    @Test
    void shouldTakeDescriptorsOfSocketActivationThatNameNoProcess(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().act("see", "environ").set("process.env", List.of("A=b"));

        Observation seen =
                sandbox.call("run", bundle, sandbox.newId())
                        .with("LISTEN_FDS", "1")
                        .run()
                        .succeeded()
                        .observed();

        assertThat(seen.list("environ")).contains("LISTEN_FDS=1", "LISTEN_PID=1");
    }

    @Test
    void shouldRefuseUnknownCallsInAFilterWhenToldTo(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("exit", "0")
                        .set("linux.seccomp.defaultAction", "SCMP_ACT_ALLOW")
                        .add(
                                "linux.seccomp.syscalls",
                                Map.of("names", List.of("nosuch"), "action", "SCMP_ACT_ERRNO"));

        sandbox.run(bundle).succeeded();
        bundle.set("annotations", Map.of("run.oci.seccomp_fail_unknown_syscall", "1"));
        sandbox.run(bundle).refused().failedSaying("nosuch");
    }
}
