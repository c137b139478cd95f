package dev.rung.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read through descriptors, compared with what the JDK says of the same files. */
class FilesTests {
    @TempDir Path folder;

    @Test
    void shouldReadWholeFiles() throws Exception {
        var content = new byte[100_000];
        new java.util.Random(1).nextBytes(content);
        Files.write(folder.resolve("f"), content);
        try (Fd fd = open("f")) {
            assertThat(Descriptors.readAll(fd, content.length)).isEqualTo(content);
            assertThat(Descriptors.readAll(fd, content.length)).isEqualTo(content);
            assertThatThrownBy(() -> Descriptors.readAll(fd, content.length - 1))
                    .hasMessageEndingWith("file too large");
        }
        try (Fd fd = Paths.open(null, KernelPath.of("/proc/self/status"), 0, 0, 0)) {
            assertThat(new String(Descriptors.readAll(fd, 1 << 20), UTF_8)).startsWith("Name:");
        }
    }

    @Test
    void shouldReadAStreamToItsEnd() throws Exception {
        var process = new ProcessBuilder("mkfifo", folder + "/p").start();
        assertThat(process.waitFor()).isZero();
        var writer = new Thread(() -> write("piped"));
        writer.start();
        try (Fd fd = open("p")) {
            assertThat(Descriptors.readAll(fd, 10)).isEqualTo("piped".getBytes(UTF_8));
        }
        writer.join();
    }

    @Test
    void shouldKnowTypeOwnerAndSize() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "12345");
        Files.createSymbolicLink(folder.resolve("l"), Path.of("f"));
        try (Fd fd = open("f");
                Fd dir = open(".");
                Fd device = Paths.open(null, KernelPath.of("/dev/null"), 0, 0, 0)) {
            FileStatus status = Descriptors.status(fd);
            assertThat(status.is(FileStatus.Type.REGULAR)).isTrue();
            assertThat(status.size()).isEqualTo(5);
            assertThat(status.mode()).isEqualTo(Files.getAttribute(file, "unix:mode"));
            assertThat(status.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
            assertThat(status.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
            assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
            assertThat(status.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
            assertThat(Descriptors.status(dir).is(FileStatus.Type.DIRECTORY)).isTrue();
            assertThat(Descriptors.status(device).is(FileStatus.Type.CHARACTER_DEVICE)).isTrue();
            assertThat(Descriptors.status(device).specialDevice()).isEqualTo(1 << 8 | 3);
            FileStatus link = Paths.status(dir, KernelPath.of("l"));
            assertThat(link.is(FileStatus.Type.LINK)).isTrue();
            assertThat(Paths.readLink(dir, KernelPath.of("l"))).isEqualTo(KernelPath.of("f"));
        }
    }

    @Test
    void shouldListFolders() throws Exception {
        var names = new ArrayList<KernelPath>();
        for (int i = 0; i < 2000; i++) {
            String name = "a name that is rather long, so that one buffer is too small " + i;
            Files.createFile(folder.resolve(name));
            names.add(KernelPath.of(name));
        }
        try (Fd fd = open(".")) {
            assertThat(Paths.list(fd)).containsExactlyInAnyOrderElementsOf(names);
        }
        try (Fd fd = Paths.open(null, KernelPath.of("/dev/null"), 0, 0, 0)) {
            assertThatThrownBy(() -> Paths.list(fd)).hasMessageEndingWith("not a directory");
        }
    }

    @Test
    void shouldResolveAsAsked() throws Exception {
        int inRoot = 0x10;
        Files.createSymbolicLink(folder.resolve("up"), Path.of("/../../f"));
        Files.writeString(folder.resolve("f"), "inside");
        try (Fd dir = open(".");
                Fd file = Paths.open(dir, KernelPath.of("up"), Paths.O_RDONLY, 0, inRoot)) {
            assertThat(Descriptors.readAll(file, 10)).isEqualTo("inside".getBytes(UTF_8));
        }
        assertThatThrownBy(() -> open("missing"))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void shouldLockAmongDescriptors() throws Exception {
        Files.createFile(folder.resolve("f"));
        try (Fd two = open("f")) {
            try (Fd one = open("f")) {
                assertThat(Paths.tryLock(one)).isTrue();
                assertThat(Paths.tryLock(two)).isFalse();
            }
            assertThat(Paths.tryLock(two)).isTrue();
        }
        Paths.unlink(null, KernelPath.of(folder + "/f"));
        assertThat(folder.resolve("f")).doesNotExist();
    }

    @Test
    void shouldSealFilesInMemory() throws Exception {
        try (Fd fd = Memfds.sealed(KernelPath.of("m"), new byte[] {1, 2})) {
            assertThat(Memfds.isMemfd(fd)).isTrue();
            Path path = Path.of("/proc/self/fd/" + fd.number());
            assertThatThrownBy(() -> Files.write(path, new byte[] {3}))
                    .hasMessageContaining("not permitted");
            assertThat(Files.readAllBytes(path)).containsExactly(1, 2);
            assertThat(Files.isExecutable(path)).isTrue();
        }
        try (Fd fd = open(".")) {
            assertThat(Memfds.isMemfd(fd)).isFalse();
        }
    }

    @Test
    void shouldCloseOnce() throws Exception {
        Fd fd = open(".");
        int number = fd.number();
        fd.close();
        try (Fd other = open(".")) {
            assertThat(other.number()).isEqualTo(number);
            fd.close();
            assertThat(Descriptors.status(other).is(FileStatus.Type.DIRECTORY)).isTrue();
        }
        assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class);
    }

    private Fd open(String name) throws ErrnoException {
        return Paths.open(null, KernelPath.of(folder + "/" + name), Paths.O_RDONLY, 0, 0);
    }

    private void write(String text) {
        try {
            Files.writeString(folder.resolve("p"), text);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
