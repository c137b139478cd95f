package dev.rung.tests.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a container of Docker may do: capabilities, seccomp, devices, protected paths. */
@SystemTest
@NeedsProgram({"dockerd", "docker", "containerd", "iptables"})
class DockerSecurityTests extends AgainstDockerd {
    /** Docker's default: chown, dac_override, fowner, …, audit_write, setfcap. */
    private static final String DEFAULT_CAPABILITIES = "00000000a80425fb";

    private static final int CLONE_NEWUSER = 0x10000000;

    DockerSecurityTests() {
        super(Map.of());
    }

    @Test
    void shouldGrantTheDefaultCapabilities() {
        Observation seen = docker.observe("");

        assertThat(seen.of("cap.effective")).isEqualTo(DEFAULT_CAPABILITIES);
        assertThat(seen.of("cap.permitted")).isEqualTo(DEFAULT_CAPABILITIES);
        assertThat(seen.of("cap.bounding")).isEqualTo(DEFAULT_CAPABILITIES);
        assertThat(seen.of("cap.inheritable")).isEqualTo("0000000000000000");
    }

    @Test
    void shouldAddAndDropCapabilities() {
        Observation seen = docker.observe("--cap-drop=ALL --cap-add=NET_ADMIN --cap-add=CHOWN");

        assertThat(seen.of("cap.effective")).isEqualTo("0000000000001001");
        assertThat(seen.of("cap.bounding")).isEqualTo("0000000000001001");
    }

    @Test
    void shouldOpenEverythingWhenPrivileged() {
        assumeTrue(Room.isRung(), "peers fail with a capability that they cannot grant");
        Observation seen = docker.observe("--privileged");

        // What the daemon has itself, as far as dockerd 20.10 knows capabilities.
        String own =
                docker.room()
                        .command("sed", "-n", "s/^CapEff:\t//p", "/proc/self/status")
                        .succeed()
                        .output()
                        .strip();
        long known = (1L << 38) - 1;
        assertThat(Long.parseUnsignedLong(seen.of("cap.effective"), 16) & known)
                .isEqualTo(Long.parseUnsignedLong(own, 16) & known);
        assertThat(seen.of("seccomp")).isEqualTo("0");
        assertThat(seen.mountAt("/sys").options()).contains("rw");
        assertThat(seen.mounts()).noneMatch(mount -> mount.place().startsWith("/proc/"));
        assertThat(seen.has("dev[fuse]") || seen.has("dev[loop-control]")).isTrue();
    }

    @Test
    void shouldMaskAndProtectPathsOfTheKernel() {
        Observation seen = docker.observe("");

        for (String path : List.of("acpi", "keys", "latency_stats", "timer_list", "scsi")) {
            if (Files.exists(Path.of("/proc", path))) {
                assertThat(seen.mountAt("/proc/" + path).type()).isIn("tmpfs", "devtmpfs");
            }
        }
        for (String path : List.of("bus", "fs", "irq", "sys", "sysrq-trigger")) {
            if (Files.exists(Path.of("/proc", path))) {
                assertThat(seen.mountAt("/proc/" + path).options()).contains("ro");
            }
        }
        assertThat(seen.mountAt("/sys").options()).contains("ro");
    }

    @Test
    void shouldLeaveSystemPathsOpenWhenAskedTo() {
        Observation seen = docker.observe("--security-opt=systempaths=unconfined");

        assertThat(seen.mounts()).noneMatch(mount -> mount.place().startsWith("/proc/"));
    }

    @Test
    void shouldFilterSystemCallsByTheDefaultProfile() {
        Outcome outcome =
                docker.run("", "/observer unshare " + CLONE_NEWUSER + " , see seccomp").succeeded();

        assertThat(outcome.output()).startsWith("error EPERM\n");
        assertThat(outcome.observed().of("seccomp")).isEqualTo("2");
        assertThat(outcome.observed().of("seccomp_filters")).isEqualTo("1");
    }

    @Test
    void shouldFilterNothingWhenUnconfined() {
        Outcome outcome =
                docker.run(
                        "--security-opt=seccomp=unconfined",
                        "/observer unshare " + CLONE_NEWUSER + " , see seccomp");

        assertThat(outcome.output()).startsWith("ok 0\n");
        assertThat(outcome.observed().of("seccomp")).isEqualTo("0");
    }

    @Test
    void shouldFilterByAProfileOfTheUser() {
        Path profile =
                docker.room()
                        .write(
                                "profile.json",
                                """
                                {
                                  "defaultAction": "SCMP_ACT_ALLOW",
                                  "syscalls": [
                                    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
                                     "errnoRet": 95},
                                    {"names": ["unlink"], "action": "SCMP_ACT_ERRNO"}
                                  ]
                                }
                                """);

        Outcome outcome =
                docker.run(
                        "--security-opt=seccomp=" + profile,
                        "/observer mkdir /x , unlink /x , write /y x");

        assertThat(outcome.output()).startsWith("error EOPNOTSUPP\nerror EPERM\nok ");
    }

    @Test
    void shouldSetNoNewPrivileges() {
        Observation seen = docker.observe("--security-opt=no-new-privileges");

        assertThat(seen.of("no_new_privs")).isEqualTo("1");
    }

    @Test
    void shouldAddADevice() {
        Outcome outcome =
                docker.run(
                        "--cap-add=SYSLOG --device=/dev/kmsg:/dev/mine:r",
                        "/observer open /dev/mine 0 , open /dev/mine 1");

        assertThat(outcome.output()).isEqualTo("ok 3\nerror EPERM\n");
    }

    @Test
    void shouldRefuseADeviceThatWasNotGiven() {
        Outcome outcome =
                docker.run(
                        "--cap-add=MKNOD --cap-add=SYSLOG",
                        "/observer mknod /kmsg c 1 11 , open /kmsg 0");

        assertThat(outcome.output()).isEqualTo("ok 0\nerror EPERM\n");
    }

    @Test
    void shouldAllowADeviceByRule() {
        Outcome outcome =
                docker.docker(
                                "run --rm --network=none --cap-add=MKNOD --cap-add=SYSLOG",
                                "--device-cgroup-rule=c 1:11 r",
                                "rung-test",
                                "/observer",
                                "mknod",
                                "/kmsg",
                                "c",
                                "1",
                                "11",
                                ",",
                                "open",
                                "/kmsg",
                                "0")
                        .run();

        assertThat(outcome.output()).isEqualTo("ok 0\nok 3\n");
    }
}
