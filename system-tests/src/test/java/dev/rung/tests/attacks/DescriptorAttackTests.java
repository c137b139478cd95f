package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Container;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Reaching out of the container through descriptors of the runtime, its processes or its binary:
 * CVE-2016-9962, CVE-2019-5736, CVE-2024-21626.
 */
@SystemTest
class DescriptorAttackTests {
    private static final int DESCRIPTORS = 24;

    /** CVE-2024-21626: a working directory that is a descriptor of the runtime. */
    @Test
    void shouldNotWorkInAFolderOfTheHost(Sandbox sandbox) {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle = sandbox.bundle();
        for (int fd = 3; fd < DESCRIPTORS; fd++) {
            bundle.set("process.cwd", "/proc/self/fd/" + fd);

            assertInside(sandbox.run(bundle.act(lookOut(canary))));
        }
        canary.assertUntouched();
    }

    @Test
    void shouldNotWorkInAFolderOfTheHostThroughALink(Sandbox sandbox) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle = sandbox.bundle().set("process.cwd", "/work");
        for (int fd = 3; fd < DESCRIPTORS; fd++) {
            Path work = bundle.rootfs().resolve("work");
            Files.deleteIfExists(work);
            Files.createSymbolicLink(work, Path.of("/proc/self/fd/" + fd));

            assertInside(sandbox.run(bundle.act(lookOut(canary))));
        }
    }

    @Test
    void shouldNotExecuteInAFolderOfTheHost(Sandbox sandbox) {
        Canary canary = Canary.in(sandbox.folder());
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        String[] look = lookOut(canary);
        for (int fd = 3; fd < DESCRIPTORS; fd++) {
            var words = new ArrayList<>(List.of("/observer"));
            words.addAll(List.of(look));

            assertInside(container.call("exec", List.of("--cwd", "/proc/self/fd/" + fd), words));
        }
    }

    /** The program to execute is looked up through descriptors of the runtime. */
    @Test
    void shouldNotExecuteAProgramOfTheHost(Sandbox sandbox) throws Exception {
        Path marker = sandbox.folder().resolve("marker");
        Path program =
                Files.writeString(
                        sandbox.folder().resolve("program"), "#!/bin/sh\ntouch " + marker + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Bundle bundle = sandbox.bundle();
        Container container = sandbox.start(sandbox.bundle().act("signals")).awaitOutput("ready");
        for (int fd = 3; fd < DESCRIPTORS; fd++) {
            String path = "/proc/self/fd/" + fd + "/../../../../../.." + program;

            sandbox.run(bundle.args(path)).refused();
            assertThat(container.exec(path).status()).isNotZero();
        }
        assertThat(marker).doesNotExist();
    }

    private static String[] lookOut(Canary canary) {
        String path = "../../../../../../../../.." + canary.folder();
        return new String[] {"see", "cwd", ",", "list", path, ",", "read", path + "/secret"};
    }

    private static void assertInside(Outcome outcome) {
        String cwd = outcome.output().lines().findFirst().orElse("");
        if (cwd.startsWith("cwd ")) {
            assertThat(cwd).doesNotContain("unreachable").doesNotContain("error");
            assertThat(outcome.output()).contains("error ENOENT").doesNotContain("of the host");
        } else {
            outcome.refused();
        }
    }

    /** CVE-2016-9962: what enters the container can be held and looked into by who is there. */
    @Test
    void shouldShowNothingOfTheRuntimeToTheContainer(Sandbox sandbox) {
        Canary canary = Canary.in(sandbox.folder());

        assertNothingOfOursIn(hunted(sandbox, hunter(sandbox, canary)));
    }

    @Test
    void shouldShowNothingToARootThatMayTrace(Sandbox sandbox) {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle =
                ownUsers(hunter(sandbox, canary))
                        .capabilities("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN");

        assertNothingOfOursIn(hunted(sandbox, bundle));
    }

    /** All that may be seen is what was executed by then, which is the container's own. */
    private static void assertNothingOfOursIn(String caught) {
        List<String> ours =
                caught.lines()
                        .filter(line -> !line.matches(".* fd/[012] (file )?/tmp/.*")) // its stdio
                        .filter(line ->
                                line.startsWith("escaped")
                                        || line.matches(".* fd/([3-9]|[0-9]{2,}) .*")
                                        || line.matches(".*(rung|memfd|runc).*")
                                        || line.matches("reached \\d+ exe file /"))
                        .toList();
        assertThat(ours).isEmpty();
    }

    /** Root of the host's own user namespace, who may trace anything: no way out even so. */
    @Test
    void shouldHoldNoFolderOfTheHostInTheContainer(Sandbox sandbox) {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle = hunter(sandbox, canary).capabilities("CAP_SYS_PTRACE", "CAP_KILL");

        String caught = hunted(sandbox, bundle);

        assertThat(caught.lines().filter(line -> line.startsWith("escaped"))).isEmpty();
    }

    private static Bundle hunter(Sandbox sandbox, Canary canary) {
        Bundle bundle = sandbox.bundle();
        Attacker.in(bundle.rootfs());
        return bundle.args("/attacker", "hunt", "3", canary.folder().toString());
    }

    private static Bundle overwriter(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle();
        Attacker.in(bundle.rootfs());
        return bundle.args("/attacker", "overwrite", "3")
                .capabilities("CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE");
    }

    /**
     * Runs the hunter, executes in its container for as long as it hunts, and gives what it caught.
     */
    private static String hunted(Sandbox sandbox, Bundle bundle) {
        Container container = sandbox.start(bundle).awaitOutput("hunting");
        int calls = 0;
        while (!container.output().contains("hunted") && calls < 200) {
            container.call("exec", List.of("--cwd", "/"), List.of("/bin/true"));
            calls++;
        }
        assertThat(calls).isGreaterThan(3);
        container.await("stopped");
        return container.output();
    }

    /** A user namespace of its own. */
    private static Bundle ownUsers(Bundle bundle) {
        Command.of("chown", "-R", "100000:100000", bundle.rootfs().toString()).succeed();
        Map<String, Long> all = Map.of("containerID", 0L, "hostID", 100000L, "size", 65536L);
        return bundle.namespace("user", null)
                .set("linux.uidMappings", List.of(all))
                .set("linux.gidMappings", List.of(all));
    }

    /** CVE-2019-5736: the runtime's binary, reached through /proc/PID/exe, is overwritten. */
    @Test
    void shouldNotLetTheContainerOverwriteTheRuntime(Sandbox sandbox) {
        Canary installation = installation(sandbox);
        Bundle bundle = overwriter(sandbox);

        String caught = hunted(sandbox, bundle);

        assertThat(caught).doesNotContain("wrote ");
        installation.assertUntouched();
    }

    /** The same with the runtime made to execute itself, so that the container may hold it. */
    @Test
    void shouldNotLetTheContainerOverwriteTheRuntimeItExecutes(Sandbox sandbox) throws Exception {
        Canary installation = installation(sandbox);
        Bundle bundle = overwriter(sandbox);
        Path script = Files.writeString(bundle.rootfs().resolve("script"), "#!/proc/self/exe\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Container container = sandbox.start(bundle).awaitOutput("hunting");

        while (!container.output().contains("hunted")) {
            for (String program : new String[] {"/proc/self/exe", "/script"}) {
                Outcome outcome = container.exec(program, "init");
                assertThat(outcome.output()).as("%s", outcome).isEmpty();
            }
        }
        for (String program : new String[] {"/proc/self/exe", "/script"}) {
            Outcome outcome = sandbox.run(sandbox.bundle().args(program, "--version"));
            assertThat(outcome.status()).as("%s", outcome).isNotEqualTo(139);
        }

        assertThat(container.output()).doesNotContain("wrote ");
        installation.assertUntouched();
    }

    private static Canary installation(Sandbox sandbox) {
        Path binary = sandbox.runtime().binary();
        return Canary.of(sandbox.runtime().isRung() ? binary.getParent() : binary);
    }
}
