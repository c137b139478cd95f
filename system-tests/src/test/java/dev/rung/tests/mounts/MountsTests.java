package dev.rung.tests.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The mount table and what protects it, as config.md "Mounts" and config-linux.md say. */
@SystemTest
class MountsTests {

    @Test
    void shouldMountWhatTheConfigLists(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.mountAt("/").options()).contains("ro");
        assertThat(seen.mountAt("/proc").type()).isEqualTo("proc");
        assertThat(seen.mountAt("/sys").options()).contains("ro", "nosuid", "nodev", "noexec");
        assertThat(seen.mountAt("/dev/shm").options()).contains("nosuid", "nodev", "noexec");
        assertThat(seen.mountAt("/dev/shm").superOptions()).contains("size=65536k");
        assertThat(seen.mountAt("/dev/pts").superOptions())
                .contains("gid=5", "mode=620", "ptmxmode=666");
        assertThat(seen.mountAt("/dev/mqueue").type()).isEqualTo("mqueue");
    }

    @Test
    void shouldMakeTheDefaultDevicesAndLinks(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.of("dev", "null")).isEqualTo("char 1:3 0666 0 0");
        assertThat(seen.of("dev", "zero")).isEqualTo("char 1:5 0666 0 0");
        assertThat(seen.of("dev", "full")).isEqualTo("char 1:7 0666 0 0");
        assertThat(seen.of("dev", "random")).isEqualTo("char 1:8 0666 0 0");
        assertThat(seen.of("dev", "urandom")).isEqualTo("char 1:9 0666 0 0");
        assertThat(seen.of("dev", "tty")).isEqualTo("char 5:0 0666 0 0");
        assertThat(seen.of("dev", "ptmx")).isEqualTo("link pts/ptmx");
        assertThat(seen.of("dev", "fd")).isEqualTo("link /proc/self/fd");
        assertThat(seen.of("dev", "stdin")).isEqualTo("link /proc/self/fd/0");
    }

    @Test
    void shouldBindWithOptions(Sandbox sandbox) throws Exception {
        Path source = Files.createDirectory(sandbox.folder().resolve("source"));
        Files.writeString(source.resolve("file"), "content");
        Bundle bundle =
                sandbox.bundle()
                        .bind(source, "/tmp/bound", "ro", "nosuid", "nodev")
                        .set("root.readonly", false)
                        .act(
                                "read",
                                "/tmp/bound/file",
                                ",",
                                "write",
                                "/tmp/bound/file",
                                "x",
                                ",",
                                "see",
                                "mountinfo");

        var outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.output()).startsWith("contenterror EROFS\n");
        assertThat(outcome.observed().mountAt("/tmp/bound").options())
                .contains("ro", "nosuid", "nodev");
    }

    @Test
    void shouldMaskAndProtectPaths(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .capabilities("CAP_SYS_ADMIN")
                        .set("linux.maskedPaths", List.of("/proc/version", "/sys/class", "/none"))
                        .set("linux.readonlyPaths", List.of("/proc/sys", "/none"))
                        .act(
                                "read",
                                "/proc/version",
                                ",",
                                "list",
                                "/sys/class",
                                ",",
                                "poke",
                                "/proc/sys/kernel/hostname",
                                "x");

        assertThat(sandbox.run(bundle).output()).isEqualTo("error EROFS\n");
    }

    @Test
    void shouldKeepMountsFromTheHost(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .capabilities("CAP_SYS_ADMIN")
                        .set("root.readonly", false)
                        .act("mount", "tmpfs", "/tmp", "tmpfs");

        assertThat(sandbox.run(bundle).succeeded().output()).isEqualTo("ok 0\n");
        // The sandbox's end checks that the host has no mount that it did not have before.
    }
}
