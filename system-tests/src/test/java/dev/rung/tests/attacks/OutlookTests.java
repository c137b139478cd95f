package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Container;
import dev.rung.testkit.MountLine;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All that a container's process sees of itself, compared with all that it should: nothing of ours,
 * and nothing of the caller's but its standard streams.
 */
@SystemTest
class OutlookTests {
    private static final String NONE = "0000000000000000";
    private static final String GIVEN = "0000000020000420";
    private static final List<String> ENVIRONMENT =
            List.of("PATH=/bin:/sbin:/usr/bin:/usr/sbin", "TERM=xterm", "HOME=/root");

    private static final Map<String, String> DEVICES =
            Map.ofEntries(
                    Map.entry("fd", "link /proc/self/fd"),
                    Map.entry("full", "char 1:7 0666 0 0"),
                    Map.entry("mqueue", "folder 1777 0 0"),
                    Map.entry("null", "char 1:3 0666 0 0"),
                    Map.entry("ptmx", "link pts/ptmx"),
                    Map.entry("pts", "folder 0755 0 0"),
                    Map.entry("random", "char 1:8 0666 0 0"),
                    Map.entry("shm", "folder 1777 0 0"),
                    Map.entry("stderr", "link /proc/self/fd/2"),
                    Map.entry("stdin", "link /proc/self/fd/0"),
                    Map.entry("stdout", "link /proc/self/fd/1"),
                    Map.entry("tty", "char 5:0 0666 0 0"),
                    Map.entry("urandom", "char 1:9 0666 0 0"),
                    Map.entry("zero", "char 1:5 0666 0 0"));

    @Test
    void shouldShowTheFirstProcessWhatWasAskedFor(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertStreamsOnly(seen);
        assertThat(seen.list("environ")).isEqualTo(ENVIRONMENT);
        assertThat(seen.list("argv")).containsExactly("/observer", "see");
        assertProcess(sandbox, seen, "1");
    }

    @Test
    void shouldShowAStartedProcessTheSame(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("see")).await("stopped");
        Observation seen = new Outcome(List.of(), 0, container.output(), "").observed();

        assertStreamsOnly(seen);
        assertThat(seen.list("environ")).isEqualTo(ENVIRONMENT);
        assertProcess(sandbox, seen, "1");
    }

    @Test
    void shouldShowAnExecutedProcessTheSame(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        Observation seen = container.exec("/observer", "see").succeeded().observed();

        assertStreamsOnly(seen);
        assertThat(seen.list("environ")).isEqualTo(ENVIRONMENT);
        assertProcess(sandbox, seen, seen.of("pid"));
    }

    private static void assertStreamsOnly(Observation seen) {
        Map<String, String> descriptors = seen.map("fd");
        assertThat(descriptors).containsOnlyKeys("0", "1", "2");
        // The caller's files themselves, or pipes of a runtime that copies.
        assertThat(descriptors.get("0")).matches("/tmp/rung-in.*|pipe:.*");
        assertThat(descriptors.get("1")).matches("/tmp/rung-out.*|pipe:.*");
        assertThat(descriptors.get("2")).matches("/tmp/rung-err.*|pipe:.*");
    }

    private static void assertProcess(Sandbox sandbox, Observation seen, String pid) {
        Map<String, String> expected = expectedProcess(pid);
        if (!sandbox.runtime().isRung()) {
            expected.remove("signals.ignored"); // others let the caller's through
        }
        var values = new TreeMap<String, String>();
        for (String key : expected.keySet()) {
            values.put(key, seen.of(key));
        }
        assertThat(values).isEqualTo(expected);
    }

    private static Map<String, String> expectedProcess(String pid) {
        var values = new TreeMap<String, String>();
        values.put("pid", pid);
        values.put("nspid", pid);
        values.put("pgid", pid);
        values.put("sid", pid);
        values.put("ppid", "0");
        values.put("cwd", "/");
        values.put("uid", "0 0 0 0");
        values.put("gid", "0 0 0 0");
        values.put("groups", "");
        values.put("umask", "0022");
        values.put("no_new_privs", "1");
        values.put("seccomp", "0");
        values.put("cap.inheritable", NONE);
        values.put("cap.ambient", NONE);
        values.put("cap.permitted", GIVEN);
        values.put("cap.effective", GIVEN);
        values.put("cap.bounding", GIVEN);
        for (String signals : List.of("blocked", "ignored", "caught", "pending", "pending_all")) {
            values.put("signals." + signals, NONE);
        }
        values.put("pdeathsig", "0");
        values.put("dumpable", "1");
        values.put("securebits", "0");
        values.put("child_subreaper", "0");
        values.put("personality", "0");
        values.put("exe", "/observer");
        values.put("hostname", "observed");
        values.put("rlimit[nofile]", "1024 1024");
        return values;
    }

    @Test
    void shouldLeaveTheLimitsThatNobodyAskedToChange(Sandbox sandbox) throws Exception {
        Observation seen = sandbox.observe(sandbox.bundle());

        Map<String, String> ours = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            String[] fields = line.split(" {2,}");
            if (fields.length >= 3 && !fields[0].equals("Limit")) {
                ours.put(fields[0], fields[1] + " " + fields[2]);
            }
        }
        for (Map.Entry<String, String> limit :
                Map.of(
                                "fsize", "Max file size",
                                "data", "Max data size",
                                "stack", "Max stack size",
                                "core", "Max core file size",
                                "nproc", "Max processes",
                                "memlock", "Max locked memory",
                                "as", "Max address space",
                                "sigpending", "Max pending signals",
                                "nice", "Max nice priority",
                                "rtprio", "Max realtime priority")
                        .entrySet()) {
            String expected =
                    String.valueOf(ours.get(limit.getValue())).replace("unlimited", "infinity");
            assertThat(seen.of("rlimit", limit.getKey())).as(limit.getKey()).isEqualTo(expected);
        }
    }

    @Test
    void shouldShowCgroupsAsTheirOwnRoot(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.list("cgroup")).isNotEmpty().allMatch(line -> line.endsWith(":/"));
    }

    @Test
    void shouldShowExactlyTheMountsAskedFor(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        List<String> expected =
                Stream.of(
                                "/ ext4-or-other ro,relatime",
                                "/proc proc rw,relatime",
                                "/dev tmpfs rw,nosuid",
                                "/dev/pts devpts rw,nosuid,noexec,relatime",
                                "/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime",
                                "/dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime",
                                "/sys sysfs ro,nosuid,nodev,noexec,relatime",
                                "/proc/bus proc ro,relatime",
                                "/proc/fs proc ro,relatime",
                                "/proc/irq proc ro,relatime",
                                "/proc/sys proc ro,relatime",
                                "/proc/sysrq-trigger proc ro,relatime",
                                "/proc/acpi tmpfs ro,relatime",
                                "/proc/kcore null",
                                "/proc/keys null",
                                "/proc/timer_list null",
                                "/sys/firmware tmpfs ro,relatime")
                        .filter(OutlookTests::isOnThisKernel)
                        .toList();
        assertThat(seen.mounts().stream().filter(mount -> !isCgroup(mount)).map(OutlookTests::line))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(seen.mounts().stream().filter(OutlookTests::isCgroup))
                .isNotEmpty()
                .filteredOn(mount -> mount.type().startsWith("cgroup"))
                .allMatch(mount ->
                        mount.options().containsAll(List.of("ro", "nosuid", "nodev", "noexec")));
        assertThat(seen.mounts())
                .allMatch(mount -> !mount.propagation().toString().contains("shared"));
    }

    /** What a kernel does not have can neither be masked nor be made read-only. */
    private static boolean isOnThisKernel(String line) {
        String place = line.substring(0, line.indexOf(' '));
        return !place.startsWith("/proc/") || Files.exists(Path.of(place));
    }

    private static boolean isCgroup(MountLine mount) {
        return mount.place().startsWith("/sys/fs/cgroup");
    }

    private static String line(MountLine mount) {
        if (mount.root().equals("/null")) {
            // The container's own device, or the host's where nobody can change it.
            assertThat(mount.type().equals("tmpfs") || mount.options().contains("ro")).isTrue();
            return mount.place() + " null";
        }
        String type = mount.place().equals("/") ? "ext4-or-other" : mount.type();
        return mount.place() + " " + type + " " + String.join(",", mount.options());
    }

    @Test
    void shouldShowExactlyTheDefaultDevices(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        var expected = new TreeMap<>(seen.map("dev"));
        expected.keySet().retainAll(List.of("core"));
        expected.replaceAll((_, _) -> "link /proc/kcore");
        expected.putAll(DEVICES);
        assertThat(seen.map("dev")).isEqualTo(expected);
    }

    @Test
    void shouldShowNoPathOfOurs(Sandbox sandbox) throws Exception {
        Bundle bundle =
                sandbox.bundle()
                        .args(
                                "/bin/sh",
                                "-c",
                                "cat /proc/*/mountinfo /proc/*/maps; ls -l /proc/*/fd /proc/*/exe");
        String installed = sandbox.runtime().binary().getParent().getParent().toString();

        String all = sandbox.run(bundle).output();

        if (sandbox.runtime().isRung()) {
            assertThat(all).doesNotContain(installed);
        }
        assertThat(all)
                .isNotEmpty()
                .doesNotContain("rung-oci", "rung-exec", "rung-home", "memfd:", "/state/");
        try (Stream<Path> made = Files.list(bundle.rootfs())) {
            assertThat(made.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "bin",
                            "dev",
                            "etc",
                            "home",
                            "observer",
                            "proc",
                            "root",
                            "sys",
                            "tmp",
                            "usr");
        }
    }
}
