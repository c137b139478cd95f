package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A /proc that is not procfs, so that labels and settings are written into files of the attacker:
 * CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-52881.
 */
@SystemTest
class ProcAttackTests {
    private static final String SETTING = "net.ipv4.ip_unprivileged_port_start";
    private static final String SETTING_FILE = "net/ipv4/ip_unprivileged_port_start";

    @ParameterizedTest
    @ValueSource(strings = {"/proc", "/sys"})
    void shouldRefuseALinkInThePlaceOfAKernelFileSystem(String place, Sandbox sandbox)
            throws Exception {
        Bundle bundle = sandbox.bundle().set("root.readonly", false);
        Files.createDirectory(bundle.rootfs().resolve("attacker"));
        replaceByLink(bundle, place, "/attacker");

        sandbox.run(bundle).refused().failedSaying("must be mounted on ordinary directory");
    }

    /** CVE-2019-19921: the link leads into a volume that another container writes to. */
    @Test
    void shouldRefuseAProcThatLeadsIntoAVolume(Sandbox sandbox) throws Exception {
        Canary volume = Canary.in(sandbox.folder());
        Bundle bundle =
                sandbox.bundle().set("root.readonly", false).bind(volume.folder(), "/volume");
        replaceByLink(bundle, "/proc", "/volume/inside");

        sandbox.run(bundle).refused();

        volume.assertUntouched();
    }

    /** CVE-2023-28642: the mount's destination is a link that leads to /proc or below it. */
    @ParameterizedTest
    @CsvSource({"/proc", "/proc/self", "/proc/sys", "/proc/self/attr", "/proc/../proc"})
    void shouldRefuseToCoverProcThroughALink(String target, Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().set("root.readonly", false);
        Path fake = fakeProc(sandbox);
        Files.createSymbolicLink(bundle.rootfs().resolve("alias"), Path.of(target));
        bundle.bind(fake, "/alias");

        sandbox.run(bundle).refused();
    }

    /** CVE-2019-16884: a volume at or below /proc, where the label is written. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc",
                "/proc/self",
                "/proc/self/attr",
                "/proc/1",
                "/proc/sys",
                "/proc/thread-self/attr",
                "/tmp/../proc/self",
                "/proc/sys/net/ipv4"
            })
    void shouldRefuseAVolumeInProc(String place, Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().bind(fakeProc(sandbox), place);

        sandbox.run(bundle).refused();
    }

    @Test
    void shouldAllowTheFilesOfProcThatLxcfsCovers(Sandbox sandbox) throws Exception {
        Path fake = Files.writeString(sandbox.folder().resolve("uptime"), "1.00 1.00\n");

        Outcome outcome =
                sandbox.run(
                        sandbox.bundle().bind(fake, "/proc/uptime").act("read", "/proc/uptime"));

        assertThat(outcome.succeeded().output()).isEqualTo("1.00 1.00\n");
    }

    /** CVE-2023-27561: a directory when it is looked at, a link when it is mounted upon. */
    @Test
    void shouldMountProcInTheRootWhileItIsSwapped(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        swapProc(sandbox, reporter, 120, Duration.ofSeconds(8));
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void shouldMountProcInTheRootInThousandsOfRounds(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        swapProc(sandbox, reporter, 3000, Duration.ofMinutes(9));
    }

    private static void swapProc(Sandbox sandbox, TestReporter reporter, int rounds, Duration limit)
            throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle =
                sandbox.bundle().set("root.readonly", false).act("see", "mountinfo", "label");
        Path rootfs = bundle.rootfs();
        Files.createSymbolicLink(rootfs.resolve("link"), canary.folder());
        Attacker attacker = Attacker.in(sandbox.folder());

        try (Running swap = attacker.swap(rootfs.resolve("proc"), rootfs.resolve("link"))) {
            Race race =
                    Race.rounds(
                            rounds,
                            limit,
                            () -> sandbox.run(bundle),
                            ProcAttackTests::assertProcIsProcfs);
            assertThat(swap.isAlive()).as(swap.output()).isTrue();
            reporter.publishEntry("/proc swapped with a link", race.toString());
        }
        canary.assertUntouched();
    }

    /**
     * The container may look through the link itself, when its turn comes; then it sees nothing.
     */
    private static void assertProcIsProcfs(Outcome outcome) {
        if (outcome.observed().has("mountinfo[0]")) {
            assertThat(outcome.observed().mounts())
                    .anySatisfy(mount -> {
                        assertThat(mount.type()).isEqualTo("proc");
                        assertThat(mount.place()).isIn("/proc", "/link");
                    });
        }
    }

    /** CVE-2025-52881: kernel settings written into a /proc of the attacker. */
    @Test
    void shouldNotWriteSettingsIntoFilesOfTheImage(Sandbox sandbox) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle = sandbox.bundle().set("linux.sysctl", Map.of(SETTING, "100"));
        bundle.remove("mounts[0]"); // no procfs over what the image has there
        bundle.set("linux.maskedPaths", null).set("linux.readonlyPaths", null);
        Path file = bundle.rootfs().resolve("proc/sys").resolve(SETTING_FILE);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, canary.folder().resolve("secret"));
        Path plain = Files.writeString(file.resolveSibling("plain"), "of the image\n");

        Outcome outcome = sandbox.run(bundle.act("exit", "0"));

        if (outcome.status() != 0) {
            outcome.refused();
        }
        canary.assertUntouched();
        assertThat(plain).hasContent("of the image\n");
    }

    @Test
    void shouldNotWriteSettingsIntoARegularFileOfTheImage(Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().set("linux.sysctl", Map.of(SETTING, "100"));
        bundle.remove("mounts[0]");
        bundle.set("linux.maskedPaths", null).set("linux.readonlyPaths", null);
        Path file = bundle.rootfs().resolve("proc/sys").resolve(SETTING_FILE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "of the image\n");

        Outcome outcome = sandbox.run(bundle.act("exit", "0"));

        if (outcome.status() != 0) {
            outcome.refused();
        }
        assertThat(file).hasContent("of the image\n");
    }

    /** The same with a tmpfs that covers /proc, or a part of it, and was filled from the image. */
    @ParameterizedTest
    @ValueSource(strings = {"/proc", "/proc/sys", "/proc/sys/net/ipv4", "/proc/self/attr"})
    void shouldNotWriteSettingsIntoATmpfs(String place, Sandbox sandbox) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle =
                sandbox.bundle()
                        .set("linux.sysctl", Map.of(SETTING, "100"))
                        .set("root.readonly", false)
                        .bind(canary.folder(), "/volume")
                        .mount(place, "tmpfs", "tmpfs", "tmpcopyup", "mode=755");
        Path file = bundle.rootfs().resolve("proc/sys").resolve(SETTING_FILE);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, Path.of("/volume/secret"));

        Outcome outcome = sandbox.run(bundle.act("exit", "0"));

        if (outcome.status() != 0) {
            outcome.refused();
        }
        canary.assertUntouched();
    }

    @Test
    void shouldWriteSettingsWhereTheyBelong(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().set("linux.sysctl", Map.of(SETTING, "100"));

        Outcome outcome = sandbox.run(bundle.act("read", "/proc/sys/" + SETTING_FILE));

        assertThat(outcome.succeeded().output()).isEqualTo("100\n");
    }

    /** A folder that looks like /proc where labels are concerned. */
    private static Path fakeProc(Sandbox sandbox) throws Exception {
        Path fake = sandbox.folder().resolve("fake-proc");
        for (String process : new String[] {"self", "thread-self", "1"}) {
            Path attributes = Files.createDirectories(fake.resolve(process).resolve("attr"));
            for (String name : new String[] {"current", "exec", "keycreate"}) {
                Files.createFile(attributes.resolve(name));
            }
        }
        Files.createDirectories(fake.resolve("sys/net/ipv4"));
        return fake;
    }

    private static void replaceByLink(Bundle bundle, String place, String target) throws Exception {
        Path folder = bundle.rootfs().resolve(place.substring(1));
        Files.delete(folder);
        Files.createSymbolicLink(folder, Path.of(target));
    }
}
