package dev.rung.build;

import dev.rung.build.dockerfile.Dockerfile;
import dev.rung.build.dockerfile.IgnorePatterns;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.engine.files.TarInto;
import dev.rung.engine.files.TreeCopy.Owners;
import dev.rung.image.compression.Compression;
import dev.rung.image.layer.Removal;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The context of one build in a folder of the engine's own, which nobody else can enter. */
final class ContextFolder implements AutoCloseable {
    private static final String USUAL = "Dockerfile";
    private static final String IGNORE = ".dockerignore";

    private final Path folder;
    private final FileTree tree;

    private ContextFolder(Path folder) {
        this.folder = folder;
        tree = FileTree.open(KernelPath.of(folder.toString()));
    }

    /** An empty one. */
    static ContextFolder make(Path parent) {
        try {
            Path folder = Files.createTempDirectory(parent, "context-");
            // its parent is closed to others; in a container it is shown to every user
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            return new ContextFolder(folder);
        } catch (IOException e) {
            throw new Failure.HostRefused("make a build context: " + e.getMessage(), e);
        }
    }

    /** Unpacks an archive, compressed or not. Invalid for what is none, or leads out of it. */
    void take(InputStream archive) throws IOException {
        try (InputStream plain = Compression.undo(archive);
                var tar = new TarInto(plain, tree.root(), Owners.SAME, TarInto.Way.SPOOL)) {
            tar.run();
            plain.transferTo(OutputStream.nullOutputStream());
        } catch (ErrnoException e) {
            throw new Failure.Invalid("unpack the build context: " + e.getMessage());
        }
    }

    Path folder() {
        return folder;
    }

    FileTree tree() {
        return tree;
    }

    /**
     * The Dockerfile of that path, empty for the usual one; if .dockerignore leaves it out, it is
     * not part of the context from now on. Invalid when there is none.
     */
    byte[] dockerfile(String path) {
        String wanted = path.isEmpty() ? USUAL : path;
        byte[] text = read(wanted);
        if (text == null && path.isEmpty()) {
            wanted = "dockerfile"; // as Docker, for people who write it so
            text = read(wanted);
        }
        if (text == null) {
            throw new Failure.Invalid(
                    "Cannot locate specified Dockerfile: "
                            + Printable.of(path.isEmpty() ? USUAL : path));
        }
        byte[] ignore = read(IGNORE);
        if (ignore != null) {
            IgnorePatterns patterns = IgnorePatterns.parse(ignore);
            for (String name : new String[] {wanted, IGNORE}) {
                String plain = String.join("/", DestinationPath.parts(name));
                if (patterns.ignores(plain) && plain.indexOf('/') < 0) {
                    remove(plain);
                }
            }
        }
        return text;
    }

    private void remove(String name) {
        try (var calls = new FileCalls()) {
            calls.remove(tree.root(), KernelPath.of(name));
        } catch (ErrnoException e) {
            // a link, or gone: of no use as a source either
        }
    }

    /** Puts a file into it, for a Dockerfile that came alone. */
    void put(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    private byte @Nullable [] read(String path) {
        try (Fd file = tree.open(path)) {
            if (file == null || !Descriptors.status(file).is(FileStatus.Type.REGULAR)) {
                return null;
            }
            return Descriptors.readAll(file, Dockerfile.LARGEST);
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    "failed to read \"" + Printable.of(path) + "\": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        tree.close();
        remove(folder);
    }

    /** Removes a folder of a build's with all that is in it. */
    static void remove(Path folder) {
        try (var calls = new FileCalls();
                Fd parent =
                        Paths.open(
                                null,
                                KernelPath.of(folder.resolveSibling("").toString()),
                                Paths.O_DIRECTORY,
                                0,
                                0)) {
            Removal.remove(calls, parent, KernelPath.of(folder.getFileName().toString()));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("remove \"" + folder + "\": " + e.getMessage(), e);
        }
    }
}
