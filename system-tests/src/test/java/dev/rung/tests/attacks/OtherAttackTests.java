package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.Observation;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Capabilities that come by inheritance, cgroups that can be written, and lengths that overflow:
 * CVE-2022-29162, CVE-2022-27650, CVE-2023-25809, CVE-2021-43784.
 */
@SystemTest
class OtherAttackTests {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String MADE = "made-by-the-container";
    private static final String NONE = "0000000000000000";

    /** CVE-2022-27650: inheritable capabilities that nobody asked for. */
    @Test
    void shouldGiveNoInheritableCapabilityThatWasNotAskedFor(Sandbox sandbox) {
        Observation seen = sandbox.observe(sandbox.bundle());

        assertThat(seen.of("cap.inheritable")).isEqualTo(NONE);
        assertThat(seen.of("cap.ambient")).isEqualTo(NONE);
    }

    /**
     * CVE-2022-29162: exec --cap gave inheritable ones, which files with capabilities then raise.
     */
    @Test
    void shouldGiveNoInheritableCapabilityToWhatIsExecuted(Sandbox sandbox) {
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");

        Outcome plain = container.exec("/observer", "see", "cap");
        Outcome more =
                container.call(
                        "exec",
                        List.of("--cap", "CAP_SYS_ADMIN"),
                        List.of("/observer", "see", "cap"));

        assertThat(plain.succeeded().observed().of("cap.inheritable")).isEqualTo(NONE);
        assertThat(plain.observed().of("cap.ambient")).isEqualTo(NONE);
        assertThat(more.succeeded().observed().of("cap.inheritable")).isEqualTo(NONE);
        assertThat(more.observed().of("cap.ambient")).isEqualTo(NONE);
        assertThat(Long.parseLong(more.observed().of("cap.bounding"), 16) >> 21 & 1).isOne();
    }

    @Test
    void shouldGiveAnOrdinaryUserNoCapabilityByDefault(Sandbox sandbox) {
        Observation seen =
                sandbox.observe(
                        sandbox.bundle().set("process.user", Map.of("uid", 1000, "gid", 1000)));

        for (String set : new String[] {"inheritable", "permitted", "effective", "ambient"}) {
            assertThat(seen.of("cap." + set)).as(set).isEqualTo(NONE);
        }
    }

    /** CVE-2023-25809: the host's cgroups, writable where no cgroup namespace hides them. */
    @Test
    void shouldShowCgroupsThatCannotBeWritten(Sandbox sandbox) throws IOException {
        Bundle bundle = sandbox.bundle();
        assertCgroupsReadOnly(sandbox, bundle);
        assertCgroupsReadOnly(sandbox, bundle.withoutNamespace("cgroup"));
    }

    @Test
    void shouldShowCgroupsThatCannotBeWrittenBelowABoundSys(Sandbox sandbox) throws IOException {
        Bundle bundle = sandbox.bundle().withoutNamespace("cgroup");
        bundle.remove("mounts[6]").remove("mounts[5]");
        bundle.mount("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro");

        // A recursive bind makes only its top read-only; rro, which exists for this, all of it.
        Bundle recursive = sandbox.bundle().withoutNamespace("cgroup");
        recursive.remove("mounts[6]").remove("mounts[5]");
        recursive.mount("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "rro");

        assertCgroupsReadOnly(sandbox, recursive);
        bundle.mount(
                "/sys/fs/cgroup",
                "cgroup",
                "cgroup",
                "nosuid",
                "noexec",
                "nodev",
                "relatime",
                "ro");
        assertCgroupsReadOnly(sandbox, bundle);
    }

    private static void assertCgroupsReadOnly(Sandbox sandbox, Bundle bundle) throws IOException {
        Outcome outcome = sandbox.run(bundle.args("/bin/sh", "-c", WRITE_EVERYWHERE));

        assertThat(outcome.succeeded().output()).endsWith("tried\n").doesNotContain("opened ");
        try (Stream<Path> files = Files.find(CGROUPS, 3, (path, _) -> path.endsWith(MADE))) {
            assertThat(files).isEmpty();
        }
    }

    /** Only asks whether it may write; the names that it would make are its own. */
    private static final String WRITE_EVERYWHERE =
            """
            for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
                if [ -w $folder/cgroup.procs ] && ( : >>$folder/cgroup.procs ) 2>/dev/null; then
                    echo "opened $folder/cgroup.procs"
                fi
                if ( : >$folder/made-by-the-container ) 2>/dev/null; then echo "wrote $folder"; fi
            done
            echo tried
            """;

    /** CVE-2023-25809, as it was: rootless, with the host's cgroup namespace. */
    @Test
    void shouldShowCgroupsThatARootlessContainerCannotWrite(Sandbox sandbox) throws Exception {
        assumeTrue(
                mayBeEntered(sandbox.runtime().binary()),
                "users cannot reach the runtime's binary");
        Bundle bundle = sandbox.bundle().withoutNamespace("cgroup").withoutNamespace("network");
        Map<String, Long> one = Map.of("containerID", 0L, "hostID", 1000L, "size", 1L);
        bundle.namespace("user", null)
                .set("linux.uidMappings", List.of(one))
                .set("linux.gidMappings", List.of(one))
                .remove("linux.resources");
        bundle.remove("mounts[6]").remove("mounts[5]").remove("mounts[2]");
        bundle.mount("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro");
        bundle.args("/bin/sh", "-c", WRITE_EVERYWHERE).write();
        Path home = Files.createDirectory(sandbox.folder().resolve("home"));
        Command.of("chown", "-R", "1000:1000", home.toString(), bundle.folder().toString())
                .succeed();

        Outcome outcome =
                Command.of(
                                "setpriv",
                                "--reuid=1000",
                                "--regid=1000",
                                "--clear-groups",
                                sandbox.runtime().binary().toString(),
                                "--root",
                                home.resolve("state").toString(),
                                "run",
                                "--bundle",
                                bundle.folder().toString(),
                                sandbox.newId())
                        .with("RUNG_HOME", home.toString())
                        .with("XDG_RUNTIME_DIR", home.toString())
                        .run();

        if (outcome.status() == 0) {
            assertThat(outcome.output()).isEqualTo("tried\n");
        } else {
            outcome.refused();
        }
    }

    private static boolean mayBeEntered(Path binary) {
        return Command.of(
                                "setpriv",
                                "--reuid=1000",
                                "--regid=1000",
                                "--clear-groups",
                                "test",
                                "-x",
                                binary.toString())
                        .run()
                        .status()
                == 0;
    }

    /**
     * CVE-2021-43784: a length of more than 16 bits, behind which the attacker's text was taken for
     * further orders. Whatever is too long for the kernel is refused, the rest arrives whole.
     */
    @ParameterizedTest
    @ValueSource(ints = {0x7fff, 0x8000, 0xffff, 0x10000, 0x10001, 0x1ffff, 0x20000, 0x100000})
    void shouldCarryOrRefuseLongTexts(int length, Sandbox sandbox) {
        String text = "x".repeat(length);
        for (String key :
                new String[] {
                    "process.args[1]",
                    "process.env[0]",
                    "process.cwd",
                    "hostname",
                    "domainname",
                    "mounts[0].source",
                    "mounts[1].destination",
                    "linux.namespaces[1].path",
                    "linux.maskedPaths[0]",
                    "linux.readonlyPaths[0]",
                    "linux.cgroupsPath",
                    "linux.rootfsPropagation",
                    "process.selinuxLabel",
                    "root.path"
                }) {
            Bundle bundle = sandbox.bundle().act("see", "namespace", "env").add("process.args", "");
            bundle.set(key, key.equals("process.env[0]") ? "A=" + text : "/" + text);

            Outcome outcome = sandbox.run(bundle);

            if (outcome.status() == 0) {
                assertOwnNamespaces(outcome.observed());
                if (key.equals("process.env[0]")) {
                    assertThat(outcome.observed().of("environ", 0)).isEqualTo("A=" + text);
                }
            } else {
                outcome.refused();
            }
        }
    }

    @Test
    void shouldCarryOrRefuseManyTexts(Sandbox sandbox) {
        var annotations = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < 70_000; i++) {
            annotations.put("key" + i, "value");
        }
        Bundle annotated = sandbox.bundle().set("annotations", annotations).act("see", "namespace");
        Bundle masking = sandbox.bundle().act("see", "namespace");
        masking.set(
                "linux.maskedPaths",
                Stream.generate(() -> "/nothing/there").limit(66_000).toList());
        Bundle talking = sandbox.bundle().act("see", "namespace");
        talking.set("process.env", Stream.generate(() -> "A=b").limit(70_000).toList());

        for (Bundle bundle : List.of(annotated, masking, talking)) {
            Outcome outcome = sandbox.run(bundle);

            if (outcome.status() == 0) {
                assertOwnNamespaces(outcome.observed());
            } else {
                outcome.refused();
            }
        }
    }

    private static void assertOwnNamespaces(Observation seen) {
        for (String name : new String[] {"ipc", "mnt", "net", "pid", "uts"}) {
            Path ours = Path.of("/proc/self/ns", name);
            try {
                assertThat(seen.of("namespace", name))
                        .isNotEqualTo(Files.readSymbolicLink(ours).toString());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
