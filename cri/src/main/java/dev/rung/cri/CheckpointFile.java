package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarReader;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Paths;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * An archive with a checkpoint. criu gives the processes whatever the images say, so the archive
 * must be ours: of the engine's own user, and of nobody else to change.
 */
final class CheckpointFile implements CheckpointParts, AutoCloseable {
    private final Path path;
    private final Fd file;

    private CheckpointFile(Path path, Fd file) {
        this.path = path;
        this.file = file;
    }

    /** Whether what stands where an image's name does is a file: no name begins so. */
    static boolean isMeant(String image) {
        return image.startsWith("/");
    }

    /** NotFound when there is none, Denied when it is not ours alone. */
    static CheckpointFile open(Path path) {
        Fd file;
        try {
            file =
                    Paths.open(
                            null,
                            KernelPath.of(path.toString()),
                            Paths.O_RDONLY
                                    | Paths.O_NOFOLLOW
                                    | Paths.O_NONBLOCK // of a pipe
                                    | Paths.O_CLOEXEC,
                            0,
                            0);
        } catch (ErrnoException e) {
            throw new Failure.NotFound(
                    "checkpoint \"" + Printable.of(path.toString()) + "\": " + e.getMessage());
        }
        var opened = new CheckpointFile(path, file);
        try {
            opened.check();
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void check() {
        try {
            PosixFileAttributes attributes = Files.readAttributes(own(), PosixFileAttributes.class);
            Set<PosixFilePermission> allowed = attributes.permissions();
            int owner = (int) Files.getAttribute(own(), "unix:uid");
            if (!attributes.isRegularFile()) {
                throw new Failure.Invalid(named() + " is no file");
            } else if (owner != Identity.effectiveUid()
                    || allowed.contains(PosixFilePermission.GROUP_WRITE)
                    || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new Failure.Denied(
                        named() + ": want a file of the engine's own user that nobody else writes");
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("read " + named() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String named() {
        return "checkpoint \"" + Printable.of(path.toString()) + "\"";
    }

    /** The open file, whatever its path names meanwhile. */
    private Path own() {
        return Path.of("/proc/self/fd/" + file.number());
    }

    @Override
    public void visit(Visitor visitor) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(own()), 1 << 16)) {
            var archive = new TarReader(in);
            for (TarEntry entry = archive.next(); entry != null; entry = archive.next()) {
                String name = name(entry);
                if (Checkpoint.isPart(name)) {
                    if (entry.kind() != TarEntry.Kind.FILE || entry.extents() != null) {
                        throw new Failure.Invalid(
                                named()
                                        + ": entry \""
                                        + Printable.of(name)
                                        + "\": want a file of criu's without holes");
                    }
                    visitor.visit(name, entry.size(), new Content(archive));
                }
            }
        }
    }

    private static String name(TarEntry entry) {
        String name = entry.name().toString();
        return name.startsWith("./") ? name.substring(2) : name;
    }

    /** That of an archive's current entry. */
    private static final class Content extends InputStream {
        private final TarReader archive;

        Content(TarReader archive) {
            this.archive = archive;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return length == 0 ? 0 : archive.read(into, offset, length);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
