package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Pods and containers of containerd's CRI, as a kubelet asks for them, through BinaryName. */
@SystemTest
@NeedsProgram({"containerd", "ctr", "umoci", "curl"})
@TestInstance(Lifecycle.PER_CLASS)
class CriTests {
    private final Cri cri = new Cri(new Containerd());

    @AfterEach
    void removePods() {
        cri.removeAll();
    }

    @AfterAll
    void end() {
        cri.close();
    }

    @Test
    void shouldRunAPodOfTwoContainersThatShareNamespaces() {
        String pod = cri.runPod(new Message());
        String one = cri.start(pod, withOwnProcesses(cri.container("one", "sleep", "1000")));
        String two = cri.start(pod, withOwnProcesses(cri.container("two", "sleep", "1000")));

        Observation first = cri.observe(one);
        Observation second = cri.observe(two);

        for (String type : List.of("net", "ipc", "uts")) {
            assertThat(second.of("namespace", type)).isEqualTo(first.of("namespace", type));
        }
        for (String type : List.of("pid", "mnt")) {
            assertThat(second.of("namespace", type)).isNotEqualTo(first.of("namespace", type));
        }
        assertThat(first.of("hostname")).isEqualTo("pod");
    }

    @Test
    void shouldWriteTheLogAndTellTheStatus() {
        String pod = cri.runPod(new Message());
        String id =
                cri.start(pod, cri.container("c", "sh", "-c", "echo out; echo err >&2; exit 7"));

        Message status = cri.awaitExit(id);

        assertThat(status.number(Cri.EXIT_CODE)).isEqualTo(7);
        assertThat(status.text(Cri.REASON)).isEqualTo("Error");
        assertThat(cri.log("c")).contains(" stdout F out\n").contains(" stderr F err\n");
    }

    @Test
    void shouldExecAndGiveOutputErrorsAndStatus() {
        String id = cri.start(cri.runPod(new Message()), cri.container("c", "sleep", "1000"));

        Message answer = cri.exec(id, "sh", "-c", "echo out; echo err >&2; exit 7");

        assertThat(answer.text(1)).isEqualTo("out\n");
        assertThat(answer.text(2)).isEqualTo("err\n");
        assertThat(answer.number(3)).isEqualTo(7);
    }

    @Test
    void shouldSayThatAProgramIsMissing() {
        String pod = cri.runPod(new Message());
        String id = cri.create(pod, cri.container("c", "no-such-program"));

        String message = cri.failure("StartContainer", new Message().with(1, id));

        assertThat(message)
                .contains("exec: \"no-such-program\": executable file not found in $PATH");
    }

    @Test
    void shouldSayInExecThatAProgramIsMissing() {
        String id = cri.start(cri.runPod(new Message()), cri.container("c", "sleep", "1000"));

        String message =
                cri.failure("ExecSync", new Message().with(1, id).with(2, "no-such-program"));

        assertThat(message).contains("executable file not found in $PATH");
    }

    @Test
    void shouldStopBySigtermWithinTheTime() {
        String id =
                cri.start(cri.runPod(new Message()), cri.container("c", "/observer", "signals"));
        cri.awaitLog("c", "ready");

        cri.call("StopContainer", new Message().with(1, id).with(2, 20));

        assertThat(cri.awaitExit(id).number(Cri.EXIT_CODE)).isZero();
        assertThat(cri.log("c")).contains("signal TERM");
    }

    @Test
    void shouldKillAfterTheTime() {
        Message container = withOwnProcesses(cri.container("c", "sleep", "1000"));
        String id = cri.start(cri.runPod(new Message()), container);

        cri.call("StopContainer", new Message().with(1, id).with(2, 1));

        assertThat(cri.awaitExit(id).number(Cri.EXIT_CODE)).isEqualTo(137);
    }

    @Test
    void shouldRunAsAUserWithoutPrivileges() {
        // run_as_user, readonly_rootfs, supplemental_groups, no_new_privs, run_as_group
        Message security =
                new Message()
                        .with(5, new Message().with(1, 1000))
                        .with(7, 1)
                        .with(8, 50)
                        .with(11, 1)
                        .with(12, new Message().with(1, 1001));

        Observation seen = cri.observeWith(security);

        assertThat(seen.of("uid")).isEqualTo("1000 1000 1000 1000");
        assertThat(seen.of("gid")).isEqualTo("1001 1001 1001 1001");
        assertThat(seen.of("groups")).contains("50");
        assertThat(seen.of("no_new_privs")).isEqualTo("1");
        assertThat(seen.of("cap.effective")).isEqualTo("0000000000000000");
        assertThat(seen.mountAt("/").options()).contains("ro");
    }

    @Test
    void shouldAddAndDropCapabilities() {
        Message capabilities = new Message().with(1, "NET_ADMIN").with(2, "ALL");

        Observation seen = cri.observeWith(new Message().with(1, capabilities));

        assertThat(seen.of("cap.effective")).isEqualTo("0000000000001000");
        assertThat(seen.of("cap.bounding")).isEqualTo("0000000000001000");
    }

    @Test
    void shouldFilterSystemCallsByTheDefaultProfile() {
        Message runtimeDefault = new Message().with(1, 0);

        Observation seen = cri.observeWith(new Message().with(15, runtimeDefault));

        assertThat(seen.of("seccomp")).isEqualTo("2");
    }

    @Test
    void shouldFilterNothingWhenUnconfined() {
        Message unconfined = new Message().with(1, 1);

        Observation seen = cri.observeWith(new Message().with(15, unconfined));

        assertThat(seen.of("seccomp")).isEqualTo("0");
    }

    @Test
    void shouldMaskAndProtectTheGivenPaths() {
        Message security = new Message().with(13, "/proc/stat").with(14, "/proc/sys/kernel");

        Observation seen = cri.observeWith(security);

        assertThat(seen.mountAt("/proc/stat").source()).isNotEqualTo("proc");
        assertThat(seen.mountAt("/proc/sys/kernel").options()).contains("ro");
    }

    @Test
    void shouldMountFoldersOfTheHost() {
        cri.room().write("shared/file", "from the host");
        Message mount =
                new Message()
                        .with(1, "/shared")
                        .with(2, cri.room().path("shared").toString())
                        .with(3, 1);
        Message container = cri.container("c", "/observer", "read", "/shared/file").with(7, mount);

        cri.awaitExit(cri.start(cri.runPod(new Message()), container));

        assertThat(cri.log("c")).contains("from the host");
    }

    @Test
    void shouldSetEnvironmentAndFolder() {
        Message variable = new Message().with(1, "COLOUR").with(2, "blue");
        Message container = cri.container("c", "sleep", "1000").with(5, "/etc").with(6, variable);

        Observation seen = cri.observe(cri.start(cri.runPod(new Message()), container));

        assertThat(seen.of("cwd")).isEqualTo("/etc");
        assertThat(seen.list("environ")).contains("COLOUR=blue", "ORIGIN=image");
    }

    @Test
    void shouldSetSysctlsOfThePod() {
        String name = "net.ipv4.ip_unprivileged_port_start";
        String pod = cri.runPod(new Message().with(3, Map.of(name, "77")));
        String id = cri.start(pod, cri.container("c", "sleep", "1000"));

        Message answer = cri.exec(id, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start");

        assertThat(answer.text(1)).isEqualTo("77\n");
    }

    @Test
    void shouldShareTheProcessesOfThePod() {
        String id = cri.start(cri.runPod(new Message()), cri.container("c", "sleep", "1000"));

        assertThat(cri.exec(id, "/observer", "read", "/proc/1/cmdline").text(1))
                .contains("signals"); // what the sandbox container runs
    }

    @Test
    void shouldLimitAndUpdateResources() throws IOException {
        Message resources =
                new Message().with(1, 100_000).with(2, 50_000).with(3, 512).with(4, 64 << 20);
        Message container =
                cri.container("c", "sleep", "1000").with(15, new Message().with(1, resources));
        String id = cri.start(cri.runPod(new Message()), container);
        assertThat(value("memory", id, "memory.limit_in_bytes")).isEqualTo("67108864");
        assertThat(value("cpu", id, "cpu.cfs_quota_us")).isEqualTo("50000");

        Message lower = new Message().with(2, 25_000).with(4, 32 << 20);
        cri.call("UpdateContainerResources", new Message().with(1, id).with(2, lower));

        assertThat(value("memory", id, "memory.limit_in_bytes")).isEqualTo("33554432");
        assertThat(value("cpu", id, "cpu.cfs_quota_us")).isEqualTo("25000");
    }

    @Test
    void shouldTellStatistics() {
        String id = cri.start(cri.runPod(new Message()), cri.container("c", "sleep", "1000"));

        Message stats = cri.call("ContainerStats", new Message().with(1, id)).message(1);

        assertThat(stats.message(2).message(2).number(1)).isPositive(); // CPU time in ns
        assertThat(stats.message(3).message(2).number(1)).isPositive(); // memory in bytes
    }

    @Test
    void shouldStopAPodWithAllThatRunsInIt() {
        String pod = cri.runPod(new Message());
        String id = cri.start(pod, cri.container("c", "sleep", "1000"));

        cri.call("StopPodSandbox", new Message().with(1, pod));

        assertThat(cri.status(id).number(Cri.STATE)).isEqualTo(Cri.EXITED);
        cri.call("RemovePodSandbox", new Message().with(1, pod));
        assertThat(cri.failure("PodSandboxStatus", new Message().with(1, pod)))
                .contains("not found");
    }

    @Test
    void shouldStayInTheNetworkOfTheHost() {
        Message network = new Message().with(1, 2);
        String pod = cri.runPod("", new Message().with(2, new Message().with(1, network)));
        Message security = new Message().with(3, network);
        String id =
                cri.start(
                        pod,
                        cri.container("c", "sleep", "1000")
                                .with(15, new Message().with(2, security)));

        assertThat(cri.observe(id).of("namespace", "net")).isEqualTo(cri.namespace("net"));
    }

    @Test
    void shouldGiveATerminal() {
        Message container = cri.container("c", "/observer", "see", "tty").with(14, 1);

        cri.awaitExit(cri.start(cri.runPod(new Message()), container));

        assertThat(cri.log("c")).contains("tty.name /dev/pts/0");
    }

    /** With a pid namespace of its own instead of the pod's. */
    private static Message withOwnProcesses(Message container) {
        Message namespaces = new Message().with(2, 1);
        Message security = new Message().with(3, namespaces);
        return container.with(15, new Message().with(2, security));
    }

    private static String value(String controller, String id, String file) throws IOException {
        Path path = Path.of("/sys/fs/cgroup", controller, "rung-pods", id, file);
        assumeTrue(Files.exists(path), "reads files of cgroup v1");
        return Files.readString(path).strip();
    }
}
