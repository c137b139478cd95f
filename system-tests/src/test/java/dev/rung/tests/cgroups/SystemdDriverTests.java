package dev.rung.tests.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Patience;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** rung-oci --systemd-cgroup, beside a real systemd on the cgroups of this machine. */
@SystemTest
@NeedsProgram({"systemctl", "runc"})
class SystemdDriverTests {
    private static final Path RUNTIME = OciRuntime.binaryUnderTest();
    private static final Path RUNC = Path.of("/usr/sbin/runc");
    private static final String FOLDER = "/machine.slice/machine-rung.slice/";

    private final SystemdMachine machine = new SystemdMachine(false, 1);

    @AfterEach
    void end() {
        machine.close();
    }

    private static Bundle bundle(Sandbox sandbox, String name) {
        return sandbox.bundle()
                .act("signals")
                .set("linux.cgroupsPath", "machine-rung.slice:tst:" + name)
                .set("linux.resources.memory.limit", 50_003_968)
                .set("linux.resources.pids.limit", 33)
                .set(
                        "linux.resources.cpu",
                        Map.of("shares", 512, "quota", 25_300, "period", 50_000, "cpus", "0"))
                .set("annotations", Map.of("org.systemd.property.TimeoutStopSec", "uint16 123"));
    }

    private void start(Path runtime, Bundle bundle, String id) {
        bundle.write();
        String folder = bundle.folder().toString();
        machine.runtime(runtime, "run", "--detach", "--bundle", folder, id).succeed();
    }

    private String pid(String id) {
        String state = machine.runtime(RUNTIME, "state", id).succeed().output();
        return state.replaceAll("(?s).*\"pid\": *([0-9]+).*", "$1");
    }

    @Test
    void shouldBeAUnitThatIsRemovedAtTheEnd(Sandbox sandbox) {
        start(RUNTIME, bundle(sandbox, "unit").withoutNamespace("cgroup"), "unit");

        assertThat(machine.read("/proc/" + pid("unit") + "/cgroup").lines())
                .allMatch(line -> line.endsWith(":" + FOLDER + "tst-unit.scope"));
        assertThat(machine.properties("tst-unit.scope", "ActiveState,Slice,Delegate"))
                .contains("Slice=machine-rung.slice", "Delegate=yes", "ActiveState=active");
        assertThat(
                        machine.runtime(RUNTIME, "exec", "unit", "/bin/cat", "/proc/self/cgroup")
                                .succeed()
                                .output()
                                .lines())
                .hasSizeGreaterThan(1)
                .allMatch(line -> line.endsWith(":" + FOLDER + "tst-unit.scope"));
        machine.runtime(RUNTIME, "pause", "unit").succeed();
        assertThat(machine.runtime(RUNTIME, "list").succeed().output()).contains("paused");
        machine.runtime(RUNTIME, "resume", "unit").succeed();
        machine.runtime(RUNTIME, "delete", "--force", "unit").succeed();

        assertThat(machine.left("tst-unit")).isEmpty();
    }

    @Test
    void shouldGiveTheUnitTheSamePropertiesAsRunc(Sandbox sandbox) {
        List<String> both =
                Arrays.asList(RUNC, RUNTIME).stream()
                        .map(runtime -> {
                            start(runtime, bundle(sandbox, "same"), "same");
                            String shown = properties("tst-same.scope");
                            machine.runtime(runtime, "delete", "--force", "same").succeed();
                            return shown;
                        })
                        .toList();

        assertThat(both.get(1)).isEqualTo(both.get(0)).contains("TimeoutStopUSec=2min 3s");
    }

    /** All that do not tell of time or use, one a line in order; devices by number. */
    private String properties(String unit) {
        return machine.command("systemctl", "show", unit)
                .succeed()
                .output()
                .lines()
                .filter(line -> !line.matches("[^=]*(Timestamp|Current|NSec|ID|Id|DropInPaths).*"))
                .map(line -> line.replace("char-pts", "char-136"))
                .sorted()
                .reduce("", (all, line) -> all + line + "\n");
    }

    @Test
    void shouldLimitTheUnitAndItsCgroups(Sandbox sandbox) {
        start(RUNTIME, bundle(sandbox, "limits"), "limits");
        String cgroup = FOLDER + "tst-limits.scope";

        assertThat(machine.read("/sys/fs/cgroup/memory" + cgroup + "/memory.limit_in_bytes"))
                .isEqualTo("50003968");
        assertThat(machine.read("/sys/fs/cgroup/pids" + cgroup + "/pids.max")).isEqualTo("33");
        // systemd's quota is whole per cent: 50.6 of them become 51
        assertThat(machine.read("/sys/fs/cgroup/cpu" + cgroup + "/cpu.cfs_quota_us"))
                .isEqualTo("25500");
        assertThat(machine.read("/sys/fs/cgroup/devices" + cgroup + "/devices.list"))
                .contains("c 1:3 rwm")
                .doesNotContain("a *:* rwm");

        machine.runtime(RUNTIME, "update", "--cpu-quota", "12000", "--pids-limit", "21", "limits")
                .succeed();

        assertThat(machine.properties("tst-limits.scope", "TasksMax,CPUQuotaPerSecUSec"))
                .contains("TasksMax=21", "CPUQuotaPerSecUSec=240ms");
        assertThat(machine.read("/sys/fs/cgroup/pids" + cgroup + "/pids.max")).isEqualTo("21");
        assertThat(machine.read("/sys/fs/cgroup/cpu" + cgroup + "/cpu.cfs_quota_us"))
                .isEqualTo("12000");
        machine.runtime(RUNTIME, "delete", "--force", "limits").succeed();
    }

    @Test
    void shouldEndTheUnitOfAContainerThatRunWaitsFor(Sandbox sandbox) {
        Bundle bundle = bundle(sandbox, "waits").args("/bin/sh", "-c", "exit 7").write();

        Outcome outcome =
                machine.runtime(RUNTIME, "run", "--bundle", bundle.folder().toString(), "waits")
                        .run();

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(machine.left("tst-waits")).isEmpty();
    }

    @Test
    void shouldLeaveNoUnitOfAContainerThatCannotBe(Sandbox sandbox) {
        Bundle bundle = bundle(sandbox, "missing").args("/no/such/program").write();

        Outcome outcome =
                machine.runtime(RUNTIME, "run", "--bundle", bundle.folder().toString(), "missing")
                        .run();

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("/no/such/program");
        Patience.await(
                () -> machine.left("tst-missing").isEmpty(), () -> machine.left("tst-missing"));
    }

    @Test
    void shouldSayWhatIsWrongInOneLine(Sandbox sandbox) {
        assertThat(refused(bundle(sandbox, "x").set("linux.cgroupsPath", "/a/b")))
                .contains(
                        "expected cgroupsPath to be of format \\\"slice:prefix:name\\\" for systemd"
                                + " cgroups, got \\\"/a/b\\\" instead");
        assertThat(refused(bundle(sandbox, "x").set("linux.cgroupsPath", "a..slice:b:c/../d")))
                .contains("want the name of a unit of systemd");
        assertThat(refused(property(sandbox, "TasksMax", "uint64 'x'")))
                .contains("org.systemd.property.TasksMax=uint64 'x' value parse error");
        assertThat(refused(property(sandbox, "X", "1"))).contains("name incorrect: too short");
        assertThat(refused(property(sandbox, "NoSuchThing", "1")))
                .contains("unable to start unit", "Cannot set property NoSuchThing");
    }

    private static Bundle property(Sandbox sandbox, String name, String value) {
        return bundle(sandbox, "x")
                .set("annotations", Map.of("org.systemd.property." + name, value));
    }

    private String refused(Bundle bundle) {
        bundle.write();
        Outcome outcome =
                machine.runtime(RUNTIME, "run", "--bundle", bundle.folder().toString(), "x").run();
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors().lines().filter(line -> line.contains("level=error")))
                .hasSize(1);
        return outcome.errors();
    }

    @Test
    void shouldDoThroughABusAndOnVersion2(Sandbox sandbox) {
        try (var other = new SystemdMachine(true, 2)) {
            Bundle bundle = sandbox.bundle().act("signals").write();
            String folder = bundle.folder().toString();

            other.runtime(RUNTIME, "create", "--bundle", folder, "bus").succeed();
            other.runtime(RUNTIME, "start", "bus").succeed();

            assertThat(other.properties("rung-bus.scope", "Slice,ControlGroup"))
                    .isEqualTo("Slice=system.slice\nControlGroup=/system.slice/rung-bus.scope\n");
            String cgroup = "/sys/fs/cgroup/system.slice/rung-bus.scope/cgroup.procs";
            assertThat(other.read(cgroup).lines()).hasSize(1);
            assertThat(
                            other.runtime(RUNTIME, "exec", "bus", "/bin/cat", "/proc/self/cgroup")
                                    .succeed()
                                    .output())
                    .contains("0::/\n");
            other.runtime(RUNTIME, "kill", "bus", "KILL").succeed();
            Patience.await(
                    () -> other.runtime(RUNTIME, "delete", "bus").run().status() == 0,
                    () -> "not deleted");
            assertThat(other.left("rung-bus")).isEmpty();
        }
    }

    @Test
    void shouldMakeContainersOfTheEngineUnits(Sandbox sandbox) throws IOException {
        assumeTrue(RUNTIME.endsWith("rung-oci"), "the engine is judged with its own runtime only");
        Path home = Files.createDirectories(sandbox.folder().resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(
                Files.createDirectory(home.resolve("etc")).resolve("rung.toml"),
                "exec-opts = [\"native.cgroupdriver=systemd\"]");
        Path image = sandbox.folder().resolve("image.tar");
        String rootfs = sandbox.bundle().write().rootfs().toString();
        Command.of("tar", "--create", "--file", image.toString(), "-C", rootfs, ".").succeed();
        rung(home, "import", image.toString(), "image").succeed();

        String id =
                rung(home, "run -d --name one --network none --memory 50m image /observer signals")
                        .succeed()
                        .output()
                        .strip();

        String unit = "rung-" + id + ".scope";
        assertThat(machine.properties(unit, "Slice,MemoryLimit"))
                .isEqualTo("Slice=system.slice\nMemoryLimit=52428800\n");
        rung(home, "update --memory 60m one").succeed();
        assertThat(machine.properties(unit, "MemoryLimit")).isEqualTo("MemoryLimit=62914560\n");
        assertThat(rung(home, "info").succeed().output()).contains("Cgroup Driver: systemd");
        rung(home, "pod create --name two --network none --cgroup-parent pods.slice").succeed();
        id = rung(home, "run -d --pod two image /observer signals").succeed().output().strip();
        assertThat(machine.properties("rung-" + id + ".scope", "Slice"))
                .isEqualTo("Slice=pods.slice\n");
        assertThat(
                        rung(home, "run --network none --cgroup-parent /x image /observer")
                                .run()
                                .errors())
                .contains("should be a valid slice named as \"xxx.slice\"");
        rung(home, "pod rm -f two").succeed();
        rung(home, "rm -f one").succeed();
        assertThat(machine.left("rung-" + id) + machine.left(unit)).isEmpty();
        rung(home, "system shutdown --containers").succeed();
    }

    private Command rung(Path home, String words) {
        return rung(home, words.split(" "));
    }

    private Command rung(Path home, String... words) {
        var all = new ArrayList<String>();
        all.addAll(List.of("env", "RUNG_HOME=" + home));
        all.add(RUNTIME.resolveSibling("rung").toString());
        all.addAll(List.of(words));
        return machine.command(all.toArray(String[]::new)).within(Duration.ofSeconds(60));
    }

    @Test
    void shouldSayThatThereIsNoSystemd(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().write();

        Outcome outcome =
                sandbox.runtime()
                        .command(
                                "--systemd-cgroup",
                                "run",
                                "--bundle",
                                bundle.folder().toString(),
                                sandbox.newId())
                        .run();

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("systemd not running on this host, cannot use systemd cgroups manager")
                .hasLineCount(1);
    }
}
