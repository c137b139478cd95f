package dev.rung.tests.mounts;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The mount table and what protects it, as config.md "Mounts" and config-linux.md say. */
@SystemTest
class MountsTests {
    private static final String LIST =
            "cd /data; find . | sort | xargs stat -c '%A %u %g %t:%T %N'; md5sum folder/inner/file";

    private static final List<Map<String, Integer>> MAPPING =
            List.of(Map.of("containerID", 0, "hostID", 100_000, "size", 65536));

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
    void shouldMountAnOverlayOfManyLayers(Sandbox sandbox) throws Exception {
        var layers = new ArrayList<String>();
        for (int i = 0; i < 12; i++) {
            Path layer = Files.createDirectory(sandbox.folder().resolve("layer-number-" + i));
            Files.writeString(layer.resolve("file" + i), "of layer " + i);
            layers.add(layer.toString());
        }
        Bundle bundle =
                sandbox.bundle()
                        .mount(
                                "/tmp",
                                "overlay",
                                "overlay",
                                "nosuid",
                                "noatime",
                                "rshared",
                                "lowerdir=" + String.join(":", layers))
                        .act(
                                "read",
                                "/tmp/file0",
                                ",",
                                "read",
                                "/tmp/file11",
                                ",",
                                "see",
                                "mountinfo");

        String output = sandbox.run(bundle).succeeded().output();

        assertThat(output).contains("of layer 0", "of layer 11");
        assertThat(output)
                .containsPattern(
                        "/ /tmp ro,nosuid,noatime shared:|/ /tmp rw,nosuid,noatime shared:");
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

    @Test
    void shouldCopyUpWhatATmpfsCovers(Sandbox sandbox) throws Exception {
        Bundle bundle = sandbox.bundle().capabilities("CAP_DAC_OVERRIDE");
        Path data = Files.createDirectory(bundle.rootfs().resolve("data"));
        Path inner = Files.createDirectories(data.resolve("folder/inner"));
        Files.writeString(inner.resolve("file"), "x".repeat(100_000));
        Files.createSymbolicLink(data.resolve("out"), Path.of("../../../../../etc/shadow"));
        Files.createSymbolicLink(data.resolve("dangling"), Path.of("/nowhere"));
        Command.of("mkfifo", "--mode=0604", data.resolve("pipe").toString()).succeed();
        Command.of("mknod", "--mode=0640", data.resolve("zero").toString(), "c", "1", "5")
                .succeed();
        Command.of("chmod", "3751", data.resolve("folder").toString()).succeed();
        Command.of("chown", "--recursive", "1000:7", data.resolve("folder").toString()).succeed();
        Command.of("chmod", "4711", inner.resolve("file").toString()).succeed();
        bundle.mount("/data", "tmpfs", "tmpfs", "tmpcopyup", "nodev");
        Outcome plain =
                sandbox.run(
                        sandbox.bundle()
                                .capabilities("CAP_DAC_OVERRIDE")
                                .bind(data, "/data")
                                .args("/bin/busybox", "sh", "-c", LIST));
        bundle.args("/bin/busybox", "sh", "-c", LIST + "; touch made");

        Outcome outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.output()).isEqualTo(plain.succeeded().output());
        assertThat(outcome.output())
                .contains("-rws--x--x 1000 7", "drwxr-s--t 1000 7", "1:5", "prw----r--");
        assertThat(data.resolve("made")).doesNotExist();
    }

    @Test
    void shouldCopyUpInAUserNamespace(Sandbox sandbox) throws Exception {
        Bundle bundle =
                sandbox.bundle()
                        .namespace("user", null)
                        .set("linux.uidMappings", MAPPING)
                        .set("linux.gidMappings", MAPPING)
                        .capabilities("CAP_DAC_OVERRIDE")
                        .mount("/data", "tmpfs", "tmpfs", "tmpcopyup")
                        .act("stat", "/data/file", ",", "read", "/data/file");
        Path data = Files.createDirectory(bundle.rootfs().resolve("data"));
        Path file = Files.writeString(data.resolve("file"), "secret");
        Command.of("chmod", "600", file.toString()).succeed();
        Command.of("chown", "101000:101000", file.toString()).succeed();

        assertThat(sandbox.run(bundle).succeeded().output())
                .isEqualTo("stat[/data/file] file 0600 1000 1000\nsecret");
    }

    @Test
    void shouldSetTheFlagsOfATreeOnANewFileSystem(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().mount("/tmp", "tmpfs", "tmpfs", "rro", "rnosuid");

        assertThat(sandbox.observe(bundle).mountAt("/tmp").options()).contains("ro", "nosuid");
    }

    @Test
    void shouldWarnOfOptionsThatABindCannotHave(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle().bind(Path.of("/etc"), "/tmp", "size=1k", "ro").act("exit", "0");

        assertThat(sandbox.run(bundle).succeeded().errors())
                .contains("level=warning", "size=1k", "mounts[")
                .hasLineCount(1);
    }

    @Test
    void shouldShowTheHostsSysWhereNoSysfsCanBeMounted(Sandbox sandbox) {
        Bundle bundle =
                sandbox.bundle()
                        .namespace("user", null)
                        .set("linux.uidMappings", MAPPING)
                        .set("linux.gidMappings", MAPPING)
                        .withoutNamespace("network")
                        .act("list", "/sys/fs/cgroup", ",", "see", "mountinfo");

        Outcome outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.observed().mountAt("/sys").type()).isEqualTo("sysfs");
        assertThat(outcome.observed().mountAt("/sys").options()).contains("ro", "nosuid", "nodev");
        assertThat(outcome.observed().mounts())
                .filteredOn(mount -> mount.place().startsWith("/sys/"))
                .allSatisfy(mount -> assertThat(mount.options()).contains("ro"));
    }

    @Test
    void shouldTakeItsMountsAwayWithoutANamespaceForThem(Sandbox sandbox) throws IOException {
        Bundle bundle = onTheHost(sandbox).act("signals");
        Path before = Files.createDirectory(bundle.rootfs().resolve("before"));
        Command.of("mount", "-t", "tmpfs", "tmpfs", before.toString()).succeed();
        sandbox.atTheEnd(() -> Command.of("umount", before.toString()).succeed());

        Container container = sandbox.start(bundle).awaitOutput("ready");
        assertThat(mountsBelow(bundle)).contains("/one", "/two").hasSizeGreaterThan(3);
        container.call("delete", "--force").succeeded();

        assertThat(mountsBelow(bundle)).containsExactly("/before");
    }

    @Test
    void shouldTakeThemAwayAfterARun(Sandbox sandbox) throws IOException {
        Bundle bundle = onTheHost(sandbox).act("exit", "3");

        sandbox.run(bundle).ended(3);

        assertThat(mountsBelow(bundle)).isEmpty();
    }

    @Test
    void shouldTakeThemAwayWhenTheContainerCannotBeMade(Sandbox sandbox) throws IOException {
        Bundle bundle = onTheHost(sandbox).args("/no/such/program");

        sandbox.run(bundle).failedSaying("no such file or directory");

        assertThat(mountsBelow(bundle)).isEmpty();
    }

    /** Without a mount namespace, so also without what needs one; a link leads to one target. */
    private static Bundle onTheHost(Sandbox sandbox) throws IOException {
        Bundle bundle =
                sandbox.bundle()
                        .withoutNamespace("mount")
                        .set("root.readonly", false)
                        .remove("linux.maskedPaths")
                        .remove("linux.readonlyPaths")
                        .mount("/one", "tmpfs", "tmpfs")
                        .mount("/link/two", "tmpfs", "tmpfs");
        Files.createSymbolicLink(bundle.rootfs().resolve("link"), Path.of("/"));
        return bundle;
    }

    private static List<String> mountsBelow(Bundle bundle) throws IOException {
        String root = bundle.rootfs().toRealPath().toString();
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ", 6)[4])
                .filter(point -> point.startsWith(root + "/"))
                .map(point -> point.substring(root.length()))
                .toList();
    }
}
