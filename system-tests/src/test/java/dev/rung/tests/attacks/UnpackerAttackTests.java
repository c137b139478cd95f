package dev.rung.tests.attacks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.KernelPath;
import dev.rung.linux.Descriptors;
import dev.rung.linux.Fd;
import dev.rung.linux.Memfds;
import dev.rung.linux.Mounts;
import dev.rung.linux.Packets;
import dev.rung.linux.Paths;
import dev.rung.linux.Pipes;
import dev.rung.linux.Processes;
import dev.rung.linux.Sockets;
import dev.rung.testkit.OciRuntime;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A layer that has taken over the process which unpacks it: that has what unpacking needs, and
 * nothing else. The intruder stands where the JVM would.
 */
@SystemTest
class UnpackerAttackTests {
    private static final int LONGEST = 64 * 1024;

    /** CAP_CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP. */
    private static final String KEPT = "000000008800001b";

    @Test
    void shouldReachNothingButItsFolder(Sandbox sandbox) throws Exception {
        Path secret = Files.writeString(sandbox.folder().resolve("secret"), "state");
        List<String> found = intrude(sandbox.folder(), secret);

        assertThat(found)
                .contains(
                        "CapInh:\t0000000000000000",
                        "CapPrm:\t" + KEPT,
                        "CapEff:\t" + KEPT,
                        "CapBnd:\t" + KEPT,
                        "CapAmb:\t0000000000000000",
                        "NoNewPrivs:\t1",
                        "Seccomp:\t2")
                .contains("open secret: ENOENT", "open engine: ENOENT", "go up: ENOENT")
                .contains("go up far: ENOENT", "write root: EROFS", "write own code: EROFS")
                .contains("write sysctl: ENOENT", "end");
        assertThat(found)
                .filteredOn(line -> line.startsWith("root:"))
                .singleElement()
                .asString()
                .matches("root:( (proc|usr|lib|lib64|tmp|work|home|opt|root|srv|var|etc))*")
                .doesNotContain("etc");
        assertThat(found)
                .filteredOn(line -> line.startsWith("proc:"))
                .singleElement()
                .asString()
                .doesNotContain("sys", "kcore", "cpuinfo");
    }

    @Test
    void shouldMakeFilesOfAllKindsAndUseNone(Sandbox sandbox) throws Exception {
        Path secret = Files.writeString(sandbox.folder().resolve("secret"), "state");

        assertThat(intrude(sandbox.folder(), secret))
                .contains("make disk: done", "open disk: EACCES", "make zero: done")
                .contains("open zero: EACCES", "make file: done", "give away: done")
                .contains("make setuid: done", "trust itself: EPERM", "run file: EPERM");
    }

    @Test
    void shouldBeRefusedAllElse(Sandbox sandbox) throws Exception {
        Path secret = Files.writeString(sandbox.folder().resolve("secret"), "state");

        assertThat(intrude(sandbox.folder(), secret))
                .contains("ipv4 socket: EPERM", "unix socket: EPERM", "netlink socket: EPERM")
                .contains("fork: EPERM", "user namespace: EPERM", "mount namespace: EPERM")
                .contains("mount: EPERM", "remount: EPERM", "unmount: EPERM", "chroot: EPERM")
                .contains("ptrace: EPERM", "read memory: EPERM", "kill: EPERM", "bpf: EPERM")
                .contains("io_uring: EPERM", "keyring: EPERM", "userfaultfd: EPERM")
                .contains("become user: EPERM", "host name: EPERM", "load module: EPERM")
                .contains("reboot: EPERM", "open by handle: EPERM");
    }

    /** What it found, line by line. */
    private static List<String> intrude(Path folder, Path secret) throws Exception {
        Path lib = Files.createDirectories(folder.resolve("prefix/lib"));
        Path intruder = lib.resolve("intruder");
        try (InputStream program = UnpackerAttackTests.class.getResourceAsStream("intruder")) {
            if (program == null) {
                throw new IOException("the tests were built without intruder.c");
            }
            Files.copy(program, intruder);
            Files.setPosixFilePermissions(intruder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path launch = lib.resolve("launch");
        Files.writeString(launch, intruder + "\0" + secret + "\0\0");
        Path layer = Files.createDirectory(folder.resolve("layer"));
        List<Fd> pair = Sockets.pair();
        Pipes.Ends report = Pipes.make();
        Pipes.Ends packed = Pipes.make();
        int pid;
        List<String> found;
        try (Fd executable = executable();
                Fd ours = pair.getFirst();
                Fd target = Paths.open(null, path(layer), Paths.O_DIRECTORY, 0, 0);
                Fd shown = Mounts.copy(target);
                Fd reading = report.reading();
                Fd in = packed.reading();
                Fd feeding = packed.writing()) {
            assertThat(feeding.number()).isPositive(); // open, so that the layer has not ended
            try (Fd theirs = pair.getLast()) {
                pid =
                        Processes.spawn(
                                executable,
                                List.of(
                                        KernelPath.of("rung-unpacker"),
                                        path(launch),
                                        path(lib),
                                        path(lib),
                                        KernelPath.of("/usr/lib")),
                                List.of(),
                                theirs);
            }
            Mounts.set(shown, Mounts.NO_SETUID | Mounts.NO_DEVICES | Mounts.NO_EXECUTION);
            try (var packets = new Packets(64);
                    Fd writing = report.writing()) {
                packets.send(ours, 18, List.of(shown, in, writing));
            }
            found = new String(Descriptors.readAll(reading, LONGEST), UTF_8).lines().toList();
        }
        Processes.await(pid); // which ends when our end of the socket does
        return found;
    }

    private static KernelPath path(Path path) {
        return KernelPath.of(path.toString());
    }

    private static Fd executable() throws Exception {
        KernelPath binary = path(OciRuntime.binaryUnderTest());
        try (Fd file = Paths.open(null, binary, Paths.O_RDONLY, 0, 0)) {
            return Memfds.sealed(KernelPath.of("rung-exec"), Descriptors.readAll(file, 16 << 20));
        }
    }
}
