package dev.rung.tests.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.MountLine;
import dev.rung.testkit.NeedsCapability;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Running;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Another container swaps names in a folder that it shares while the runtime mounts below it:
 * CVE-2021-30465, CVE-2024-45310, CVE-2025-31133, CVE-2025-52565, CVE-2026-41579.
 */
@SystemTest
class MountRaceTests {
    private static final int ROUNDS = 120;
    private static final int MANY_ROUNDS = 3000;
    private static final Duration SHORT = Duration.ofSeconds(8);
    private static final Duration LONG = Duration.ofMinutes(9);

    /** A file of procfs that a container must not be able to write. Nothing here writes it. */
    private static final Path FORBIDDEN = Path.of("/proc/sys/kernel/core_pattern");

    private String forbidden = "";

    @BeforeEach
    void rememberTheForbiddenFile() throws Exception {
        forbidden = Files.readString(FORBIDDEN);
    }

    private void assertForbiddenFileUntouched() throws Exception {
        assertThat(Files.readString(FORBIDDEN)).isEqualTo(forbidden);
    }

    @Test
    void shouldNotMountOverTheHostThroughALinkThatComesAndGoes(
            Sandbox sandbox, TestReporter reporter) throws Exception {
        mountOverTheHost(sandbox, reporter, ROUNDS, SHORT);
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void shouldNotMountOverTheHostInThousandsOfRounds(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        mountOverTheHost(sandbox, reporter, MANY_ROUNDS, LONG);
    }

    /** CVE-2021-30465, and CVE-2024-45310: what is made for a mount is made in the rootfs only. */
    private static void mountOverTheHost(
            Sandbox sandbox, TestReporter reporter, int rounds, Duration limit) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Path volume = Files.createDirectory(sandbox.folder().resolve("volume"));
        Path file = Files.writeString(sandbox.folder().resolve("given"), "given\n");
        Files.createDirectory(volume.resolve("place"));
        Files.createSymbolicLink(volume.resolve("link"), canary.folder());
        Bundle bundle =
                sandbox.bundle()
                        .set("root.readonly", false)
                        .bind(volume, "/volume")
                        .mount("/volume/place/inside", "tmpfs", "loot", "size=64k")
                        .mount("/volume/place/made/deep", "tmpfs", "loot", "size=64k")
                        .bind(file, "/volume/place/file")
                        .bind(canary.folder(), "/seen", "ro")
                        .act("list", "/seen", ",", "read", "/seen/secret");
        String seen = sandbox.run(seenOnly(sandbox, canary)).succeeded().output();
        Attacker attacker = Attacker.in(sandbox.folder());

        try (Running swap = attacker.swap(volume.resolve("place"), volume.resolve("link"))) {
            Race race =
                    Race.rounds(
                            rounds,
                            limit,
                            () -> sandbox.run(bundle),
                            outcome -> assertThat(outcome.output()).isEqualTo(seen));
            assertThat(swap.isAlive()).as(swap.output()).isTrue();
            reporter.publishEntry("mounts below a swapped link", race.toString());
        }
        canary.assertUntouched();
    }

    /** What a container sees of the canary when nobody attacks. */
    private static Bundle seenOnly(Sandbox sandbox, Canary canary) {
        return sandbox.bundle()
                .set("root.readonly", false)
                .bind(canary.folder(), "/seen", "ro")
                .act("list", "/seen", ",", "read", "/seen/secret");
    }

    @Test
    void shouldNotMakeFilesOnTheHostThroughALinkOfTheImage(Sandbox sandbox) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        Bundle bundle = sandbox.bundle().set("root.readonly", false).act("exit", "0");
        String upAndAway = "../../../../../../../.." + canary.folder();
        Files.createSymbolicLink(bundle.rootfs().resolve("absolute"), canary.folder());
        Files.createSymbolicLink(bundle.rootfs().resolve("relative"), Path.of(upAndAway));
        Files.createSymbolicLink(
                bundle.rootfs().resolve("file"), canary.folder().resolve("made-by-a-mount"));
        bundle.mount("/absolute/one", "tmpfs", "tmpfs")
                .mount("/relative/two", "tmpfs", "tmpfs")
                .bind(sandbox.folder(), "/absolute/three/four")
                .bind(bundle.folder().resolve("config.json"), "/file")
                .set("process.cwd", "/relative/five")
                .add("linux.maskedPaths", "/absolute/secret")
                .add("linux.readonlyPaths", "/relative/inside");

        Outcome outcome = sandbox.run(bundle);

        if (outcome.status() != 0) {
            outcome.refused();
        }
        canary.assertUntouched();
    }

    /** CVE-2026-41579: an image whose /dev is a link. */
    @Test
    void shouldNotMakeDevicesOnTheHostThroughALinkOfTheImage(Sandbox sandbox) throws Exception {
        Canary canary = Canary.in(sandbox.folder());
        for (String target :
                new String[] {canary.folder().toString(), "../../../../.." + canary.folder()}) {
            Bundle bundle = sandbox.bundle().set("root.readonly", false).act("list", "/dev");
            Files.delete(bundle.rootfs().resolve("dev"));
            Files.createSymbolicLink(bundle.rootfs().resolve("dev"), Path.of(target));

            Outcome outcome = sandbox.run(bundle);

            if (outcome.status() != 0) {
                outcome.refused();
            }
            canary.assertUntouched();
        }
    }

    @Test
    @NeedsCapability(number = 27, name = "CAP_MKNOD")
    void shouldMaskWithNothingButTheNullDevice(Sandbox sandbox) throws Exception {
        Bundle bundle = ownDevices(sandbox);
        Path devices = sandbox.folder().resolve("devices");
        Files.createSymbolicLink(devices.resolve("null"), FORBIDDEN);

        Outcome outcome = sandbox.run(bundle);

        if (outcome.status() == 0) {
            assertMasked(outcome);
        } else {
            outcome.refused();
        }
        assertForbiddenFileUntouched();
    }

    @Test
    @NeedsCapability(number = 27, name = "CAP_MKNOD")
    void shouldMaskWithNothingButTheNullDeviceWhileItIsSwapped(
            Sandbox sandbox, TestReporter reporter) throws Exception {
        maskWhileSwapped(sandbox, reporter, ROUNDS, SHORT);
    }

    @Test
    @Tag("long")
    @Timeout(600)
    @NeedsCapability(number = 27, name = "CAP_MKNOD")
    void shouldMaskWithNothingButTheNullDeviceInThousandsOfRounds(
            Sandbox sandbox, TestReporter reporter) throws Exception {
        maskWhileSwapped(sandbox, reporter, MANY_ROUNDS, LONG);
    }

    /** CVE-2025-31133. */
    private void maskWhileSwapped(
            Sandbox sandbox, TestReporter reporter, int rounds, Duration limit) throws Exception {
        Bundle bundle = ownDevices(sandbox);
        Path devices = sandbox.folder().resolve("devices");
        Command.of("mknod", "-m", "666", devices.resolve("null").toString(), "c", "1", "3")
                .succeed();
        Files.createSymbolicLink(devices.resolve("link"), FORBIDDEN);
        Attacker attacker = Attacker.in(sandbox.folder());

        try (Running swap = attacker.swap(devices.resolve("null"), devices.resolve("link"))) {
            Race race =
                    Race.rounds(
                            rounds, limit, () -> sandbox.run(bundle), MountRaceTests::assertMasked);
            assertThat(swap.isAlive()).as(swap.output()).isTrue();
            reporter.publishEntry("masks with a swapped /dev/null", race.toString());
        }
        assertForbiddenFileUntouched();
    }

    /** A container whose /dev is a folder that others share. */
    private static Bundle ownDevices(Sandbox sandbox) throws Exception {
        Path devices = Files.createDirectory(sandbox.folder().resolve("devices"));
        for (String folder : new String[] {"pts", "shm", "mqueue"}) {
            Files.createDirectory(devices.resolve(folder));
        }
        Bundle bundle = sandbox.bundle();
        Map<?, ?> dev = (Map<?, ?>) bundle.get("mounts[1]");
        assertThat(String.valueOf(dev)).contains("destination=/dev,");
        return bundle.set(
                        "mounts[1]",
                        Map.of(
                                "destination",
                                "/dev",
                                "type",
                                "bind",
                                "source",
                                devices.toString(),
                                "options",
                                List.of("bind", "rw")))
                .act(
                        "stat",
                        "/proc/kcore",
                        ",",
                        "stat",
                        "/proc/keys",
                        ",",
                        "stat",
                        "/proc/timer_list",
                        ",",
                        "see",
                        "mountinfo");
    }

    private static void assertMasked(Outcome outcome) {
        outcome.observed()
                .map("stat")
                .forEach((path, what) ->
                        assertThat(what).as(path).matches("char 1:3 .*|error ENOENT"));
        assertThat(outcome.observed().mounts())
                .noneMatch(mount -> mount.root().contains("core_pattern"));
    }

    @Test
    void shouldPutNothingButATerminalAtDevConsole(Sandbox sandbox, TestReporter reporter)
            throws Exception {
        consoleWhileSwapped(sandbox, reporter, 40, SHORT);
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void shouldPutNothingButATerminalAtDevConsoleInThousandsOfRounds(
            Sandbox sandbox, TestReporter reporter) throws Exception {
        consoleWhileSwapped(sandbox, reporter, 1500, LONG);
    }

    /** CVE-2025-52565: a /dev of the attacker's, where pts and console are swapped with links. */
    private void consoleWhileSwapped(
            Sandbox sandbox, TestReporter reporter, int rounds, Duration limit) throws Exception {
        Bundle bundle = ownDevices(sandbox).set("process.terminal", true).act("see", "mountinfo");
        Path devices = sandbox.folder().resolve("devices");
        Path fake = Files.createDirectory(devices.resolve("fake"));
        for (int i = 0; i < 8; i++) {
            Files.createSymbolicLink(fake.resolve(Integer.toString(i)), FORBIDDEN);
        }
        Files.createSymbolicLink(fake.resolve("ptmx"), Path.of("/dev/ptmx"));
        Files.createFile(devices.resolve("console"));
        Files.createSymbolicLink(devices.resolve("link"), FORBIDDEN);
        Files.createSymbolicLink(devices.resolve("null"), Path.of("/proc/self/null"));
        Attacker attacker = Attacker.in(sandbox.folder());

        try (Running pts = attacker.swap(devices.resolve("pts"), fake);
                Running console =
                        attacker.swap(devices.resolve("console"), devices.resolve("link"))) {
            Race race =
                    Race.rounds(
                            rounds,
                            limit,
                            () -> onTerminal(sandbox, bundle),
                            MountRaceTests::assertConsoleIsATerminal);
            assertThat(pts.isAlive() && console.isAlive()).isTrue();
            reporter.publishEntry("consoles with a swapped /dev/pts", race.toString());
        }
        assertForbiddenFileUntouched();
    }

    /** Runs a bundle on a terminal; what it prints there is the output of a container that ran. */
    private static Outcome onTerminal(Sandbox sandbox, Bundle bundle) {
        String id = sandbox.newId();
        Path socket = sandbox.folder().resolve(id + ".sock");
        try (Running terminal = sandbox.terminal(socket)) {
            String[] options = {"--detach", "--console-socket", socket.toString()};
            Outcome run = sandbox.call("run", bundle, id, options).run();
            if (run.status() != 0) {
                return run;
            }
            Outcome printed = terminal.await(Duration.ofSeconds(20));
            sandbox.runtime().command("delete", "--force", id).succeed();
            return new Outcome(run.arguments(), 0, printed.output(), printed.errors());
        }
    }

    /**
     * The names come and go, so the mounts tell: none is of the file, and a console is a terminal.
     */
    private static void assertConsoleIsATerminal(Outcome outcome) {
        String text = outcome.output().replace("\r", "");
        List<MountLine> mounts = new Outcome(List.of(), 0, text, "").observed().mounts();
        assertThat(mounts).isNotEmpty();
        assertThat(mounts).noneMatch(mount -> mount.root().contains("core_pattern"));
        assertThat(mounts)
                .filteredOn(mount ->
                        mount.place().endsWith("console") || mount.place().endsWith("link"))
                .allMatch(mount -> mount.type().equals("devpts"));
    }

    /** A mask must not be the host's own device, whose mode a container could then change. */
    @Test
    void shouldNotLetTheContainerChangeADeviceOfTheHost(Sandbox sandbox) throws Exception {
        Path device = Path.of("/dev/null");
        Object before = Files.getAttribute(device, "unix:ctime");
        Bundle bundle =
                sandbox.bundle()
                        .capabilities("CAP_FOWNER", "CAP_CHOWN", "CAP_DAC_OVERRIDE")
                        .args("/bin/busybox", "chmod", "666", "/proc/keys", "/proc/timer_list");

        sandbox.run(bundle);
        sandbox.run(bundle.args("/bin/busybox", "touch", "/proc/keys", "/proc/timer_list"));

        assertThat(Files.getAttribute(device, "unix:ctime")).isEqualTo(before);
    }
}
