package dev.rung.tests.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.NeedsVirtualMachine;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import dev.rung.testkit.VirtualMachine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingConsumer;

/**
 * What only a machine with cgroup v2 alone, and with every capability, can show. One boot: each
 * test gives a bundle and an act, all acts run in the machine, then each test looks at what its act
 * said.
 */
@SystemTest
@NeedsVirtualMachine
@Timeout(300)
class CgroupV2Tests {
    private final Map<String, String> acts = new LinkedHashMap<>();
    private final Map<String, ThrowingConsumer<Outcome>> checks = new LinkedHashMap<>();
    private final VirtualMachine machine = new VirtualMachine();

    @TestFactory
    List<DynamicTest> shouldWorkOnCgroupV2(Sandbox sandbox) {
        resources(sandbox);
        devices(sandbox);
        view(sandbox);
        freezing(sandbox);
        rights(sandbox);

        Map<String, Outcome> outcomes =
                machine.module("fuse").withRuntime(sandbox.folder()).runAll(acts);
        return checks.entrySet().stream()
                .map(check ->
                        DynamicTest.dynamicTest(
                                check.getKey(),
                                () -> check.getValue().accept(outcomes.get(check.getKey()))))
                .toList();
    }

    private void resources(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .act("signals")
                        .set("linux.cgroupsPath", "/limited")
                        .set("linux.resources.pids.limit", 50)
                        .set(
                                "linux.resources.memory",
                                Map.of("limit", 64 << 20, "reservation", 32 << 20))
                        .set(
                                "linux.resources.cpu",
                                Map.of(
                                        "quota", 50_000, "period", 100_000, "shares", 512, "cpus",
                                        "0"))
                        .set("linux.resources.unified", Map.of("memory.high", "50331648"));
        test(
                "limits",
                bundle,
                """
                runtime create --bundle BUNDLE limited >/dev/null 2>&1
                cd /sys/fs/cgroup/limited
                for file in pids.max memory.max memory.low memory.high cpu.max cpu.weight cpuset.cpus; do
                    echo $file $(cat $file)
                done
                runtime update --pids-limit 60 --memory 134217728 limited
                echo updated.pids.max $(cat pids.max)
                echo updated.memory.max $(cat memory.max)
                runtime delete --force limited
                if [ -e /sys/fs/cgroup/limited ]; then echo left behind; fi
                """,
                outcome -> {
                    Observation seen = outcome.succeeded().observed();
                    assertThat(seen.of("pids.max")).isEqualTo("50");
                    assertThat(seen.of("memory.max")).isEqualTo("67108864");
                    assertThat(seen.of("memory.low")).isEqualTo("33554432");
                    assertThat(seen.of("memory.high")).isEqualTo("50331648");
                    assertThat(seen.of("cpu.max")).isEqualTo("50000 100000");
                    // 512 shares by the linear conversion, and by the newer one that keeps the
                    // default.
                    assertThat(seen.of("cpu.weight")).isIn("20", "59");
                    assertThat(seen.of("cpuset.cpus")).isEqualTo("0");
                    assertThat(seen.of("updated.pids.max")).isEqualTo("60");
                    assertThat(seen.of("updated.memory.max")).isEqualTo("134217728");
                    assertThat(seen.has("left")).isFalse();
                });
    }

    private void devices(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .capabilities("CAP_MKNOD")
                        .set("root.readonly", false)
                        .set(
                                "linux.resources.devices",
                                List.of(
                                        Map.of("allow", false, "access", "rwm"),
                                        Map.of(
                                                "allow", true, "type", "c", "major", 10, "minor",
                                                229, "access", "rm")))
                        .mount("/tmp", "tmpfs", "tmpfs")
                        .act(
                                "mknod",
                                "/tmp/fuse",
                                "c",
                                "10",
                                "229",
                                ",",
                                "open",
                                "/tmp/fuse",
                                "0",
                                ",",
                                "open",
                                "/tmp/fuse",
                                "1",
                                ",",
                                "mknod",
                                "/tmp/port",
                                "c",
                                "1",
                                "4",
                                ",",
                                "open",
                                "/tmp/port",
                                ",",
                                "open",
                                "/dev/null",
                                "2");
        test(
                "device rules by eBPF",
                bundle,
                "runtime run --bundle BUNDLE devices",
                outcome ->
                        assertThat(
                                        outcome.output()
                                                .lines()
                                                .map(line -> line.replaceAll("ok [0-9]+", "ok")))
                                .containsExactly(
                                        "ok", "ok", "error EPERM", "ok", "error EPERM", "ok"));
    }

    private void view(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set("linux.cgroupsPath", "/seen")
                        .act("see", "cgroup", "mountinfo");
        test(
                "the cgroup as the root of its own view",
                bundle,
                "runtime run --bundle BUNDLE seen",
                outcome -> {
                    Observation seen = outcome.succeeded().observed();
                    assertThat(seen.of("cgroup", 0)).isEqualTo("0::/");
                    assertThat(seen.mountAt("/sys/fs/cgroup").type()).isEqualTo("cgroup2");
                    assertThat(seen.mountAt("/sys/fs/cgroup").root()).isEqualTo("/");
                    assertThat(seen.mountAt("/sys/fs/cgroup").options())
                            .contains("ro", "nosuid", "nodev", "noexec");
                });
    }

    private void freezing(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().set("linux.cgroupsPath", "/frozen").act("signals");
        test(
                "pause and resume",
                bundle,
                """
                runtime run --detach --bundle BUNDLE frozen >/dev/null 2>&1
                runtime pause frozen && cat /sys/fs/cgroup/frozen/cgroup.freeze
                runtime resume frozen && cat /sys/fs/cgroup/frozen/cgroup.freeze
                runtime delete --force frozen
                """,
                outcome -> assertThat(outcome.succeeded().output()).isEqualTo("1\n0\n"));
    }

    /** With CAP_SYS_RESOURCE, which the machine that runs these tests may lack. */
    private void rights(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .set("process.oomScoreAdj", -500)
                        .set(
                                "process.rlimits",
                                List.of(
                                        Map.of(
                                                "type",
                                                "RLIMIT_NOFILE",
                                                "soft",
                                                100_000,
                                                "hard",
                                                200_000)))
                        .act("see", "oom_score_adj", "rlimit");
        test(
                "limits raised and oom_score_adj lowered",
                bundle,
                "ulimit -n 1024; runtime run --bundle BUNDLE raised",
                outcome -> {
                    Observation seen = outcome.succeeded().observed();
                    assertThat(seen.of("oom_score_adj")).isEqualTo("-500");
                    assertThat(seen.of("rlimit", "nofile")).isEqualTo("100000 200000");
                });
    }

    private void test(String name, Bundle bundle, String act, ThrowingConsumer<Outcome> check) {
        machine.file(bundle.write().folder(), bundle.folder().toString());
        acts.put(name, act.replace("BUNDLE", bundle.folder().toString()));
        checks.put(name, check);
    }
}
