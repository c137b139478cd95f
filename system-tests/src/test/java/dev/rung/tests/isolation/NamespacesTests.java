package dev.rung.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Container;
import dev.rung.testkit.NeedsController;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Namespaces and cgroups, as config-linux.md says. */
@SystemTest
class NamespacesTests {

    @Test
    void shouldMakeTheNamespacesThatTheConfigLists(Sandbox sandbox) throws Exception {
        Observation seen = sandbox.observe(sandbox.bundle());

        for (String name : List.of("pid", "net", "ipc", "uts", "mnt", "cgroup")) {
            assertThat(seen.of("namespace", name)).isNotEqualTo(ours(name));
        }
        assertThat(seen.of("namespace", "user")).isEqualTo(ours("user"));
        assertThat(seen.of("pid")).isEqualTo("1");
        assertThat(seen.of("hostname")).isEqualTo("observed");
        assertThat(seen.map("interface")).containsOnlyKeys("lo");
    }

    @Test
    void shouldLeaveTheProcessInNamespacesThatTheConfigDoesNotList(Sandbox sandbox)
            throws Exception {
        Bundle bundle = sandbox.bundle().withoutNamespace("network").withoutNamespace("ipc");

        Observation seen = sandbox.observe(bundle);

        assertThat(seen.of("namespace", "net")).isEqualTo(ours("net"));
        assertThat(seen.of("namespace", "ipc")).isEqualTo(ours("ipc"));
    }

    @Test
    void shouldJoinNamespacesByPath(Sandbox sandbox) throws Exception {
        Container first = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        Path namespaces = Path.of("/proc", Long.toString(first.pid()), "ns");
        Bundle bundle =
                sandbox.bundle()
                        .namespace("network", namespaces.resolve("net"))
                        .namespace("ipc", namespaces.resolve("ipc"))
                        .namespace("pid", namespaces.resolve("pid"));

        Observation seen = sandbox.observe(bundle);

        assertThat(seen.of("namespace", "net")).isEqualTo(link(namespaces.resolve("net")));
        assertThat(seen.of("namespace", "ipc")).isEqualTo(link(namespaces.resolve("ipc")));
        assertThat(seen.of("namespace", "pid")).isEqualTo(link(namespaces.resolve("pid")));
        assertThat(seen.of("pid")).isNotEqualTo("1");
    }

    @Test
    void shouldMapUsersInAUserNamespace(Sandbox sandbox) {
        var map = List.of(Map.of("containerID", 0, "hostID", 100_000, "size", 65_536));
        Bundle bundle =
                sandbox.bundle()
                        .namespace("user", null)
                        .set("linux.uidMappings", map)
                        .set("linux.gidMappings", map);

        Observation seen = sandbox.observe(bundle);

        assertThat(seen.of("uid_map", 0).strip().split(" +"))
                .containsExactly("0", "100000", "65536");
        assertThat(seen.of("uid")).isEqualTo("0 0 0 0");
    }

    @Test
    void shouldSetSysctls(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().set("linux.sysctl", Map.of("net.ipv4.ip_forward", "1"));

        assertThat(sandbox.observe(bundle).of("sysctl", "net/ipv4/ip_forward")).isEqualTo("1");
    }

    @Test
    void shouldRefuseNetworkSysctlsInTheHostsOwnNamespace(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .namespace("network", Path.of("/proc/self/ns/net"))
                        .set("linux.sysctl", Map.of("net.ipv4.ip_forward", "1"));

        assertThat(sandbox.run(bundle).refused().errors())
                .contains("net.ipv4.ip_forward", "not allowed in host network namespace");
    }

    @Test
    @NeedsController("pids")
    void shouldLimitProcesses(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().set("linux.resources.pids.limit", 10).act("fork", "20");

        assertThat(sandbox.run(bundle).output()).startsWith("error EAGAIN after ");
    }

    @Test
    @NeedsController("memory")
    void shouldLimitMemory(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set("linux.resources.memory.limit", 32 << 20)
                        .act("allocate", "64");

        assertThat(sandbox.run(bundle).status()).isEqualTo(137);
    }

    private static String ours(String name) throws Exception {
        return link(Path.of("/proc/self/ns", name));
    }

    private static String link(Path path) throws Exception {
        return Files.readSymbolicLink(path).toString();
    }

    @Test
    @NeedsController("pids")
    void shouldExecuteInACgroupBelowWhereItIsThere(Sandbox sandbox) throws Exception {
        assumeTrue(Files.exists(Path.of("/sys/fs/cgroup/pids")), "cgroup version 1 only");
        Bundle bundle =
                sandbox.bundle()
                        .act("signals")
                        .withoutNamespace("cgroup")
                        .set("linux.cgroupsPath", "/" + sandbox.newId());
        Container container = sandbox.start(bundle).awaitOutput("ready");
        Path below =
                Path.of("/sys/fs/cgroup/pids" + bundle.get("linux.cgroupsPath")).resolve("below");
        Files.createDirectory(below);

        Outcome outcome =
                container.call(
                        "exec",
                        List.of("--cgroup=below"),
                        List.of("/bin/cat", "/proc/self/cgroup"));

        assertThat(outcome.succeeded().output().lines())
                .anyMatch(line -> line.endsWith("/below"))
                .anyMatch(line -> !line.endsWith("/below"));
        container
                .call("exec", List.of("--cgroup=../below"), List.of("/bin/true"))
                .failedSaying("`..` components are not allowed");
        container
                .call("exec", List.of("--cgroup=none"), List.of("/bin/true"))
                .failedSaying("no cgroup none");
        Files.delete(below);
    }
}
