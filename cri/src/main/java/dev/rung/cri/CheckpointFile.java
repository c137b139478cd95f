package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarReader;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Identity;
import dev.rung.linux.Paths;
import dev.rung.oci.json.JsonFields;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An archive of {@link CheckpointArchives}, of containerd's or of CRI-O's, to make a container of.
 * criu gives the processes whatever the images say, so the archive must be ours: of the engine's
 * own user, and of nobody else to change.
 */
final class CheckpointFile implements AutoCloseable {
    private static final int LONGEST_TEXT = 1 << 20;
    private static final String IMAGES = "checkpoint/";
    private static final String CONFIG = "config.dump";
    private static final String CHANGES = "rootfs-diff.tar";
    private static final String DELETED = "deleted.files";
    private static final String WHITEOUT = ".wh.";

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
            throw refused(e);
        }
    }

    private String named() {
        return "checkpoint \"" + Printable.of(path.toString()) + "\"";
    }

    private Failure refused(IOException e) {
        return new Failure.HostRefused("read " + named() + ": " + e.getMessage(), e);
    }

    /** The open file, whatever its path names meanwhile. */
    private Path own() {
        return Path.of("/proc/self/fd/" + file.number());
    }

    /** Is told of each entry; reads from it what it wants. */
    private interface Visitor {
        void visit(TarEntry entry, TarReader archive) throws IOException;
    }

    private void visit(Visitor visitor) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(own()), 1 << 16)) {
            var archive = new TarReader(in);
            for (TarEntry entry = archive.next(); entry != null; entry = archive.next()) {
                if (entry.kind() == TarEntry.Kind.FILE) {
                    visitor.visit(entry, archive);
                }
            }
        }
    }

    /** What the container was made of: names to be tried in turn. */
    List<String> baseImages() {
        var config = new byte[1][];
        try {
            visit((entry, archive) -> {
                if (name(entry).equals(CONFIG)) {
                    config[0] = text(entry, archive);
                }
            });
        } catch (IOException e) {
            throw refused(e);
        }
        if (config[0] == null) {
            throw new Failure.Invalid(named() + " has no " + CONFIG);
        }
        JsonFields fields = JsonFields.read(named() + ": " + CONFIG, config[0]);
        var names = new ArrayList<String>();
        for (String field : List.of("rootfsImageRef", "rootfsImageName", "rootfsImage")) {
            String name = fields.optionalText(field);
            if (name != null && !name.isEmpty() && !names.contains(name)) {
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            throw fields.invalid("rootfsImageRef", "an image");
        }
        return names;
    }

    /** Puts criu's images into a folder; archives of what the container changed, beside them. */
    List<Path> unpack(Path folder) throws IOException {
        Path changes = folder.resolve(CHANGES);
        var deleted = new byte[1][];
        visit((entry, archive) -> {
            String name = name(entry);
            String image = imageName(name);
            if (image != null) {
                copy(entry, archive, folder.resolve(image));
            } else if (name.equals(CHANGES)) {
                copy(entry, archive, changes);
            } else if (name.equals(DELETED)) {
                deleted[0] = text(entry, archive);
            }
        });
        if (Files.notExists(folder.resolve("inventory.img"))) {
            throw new Failure.Invalid(named() + " has no " + IMAGES + "inventory.img");
        }
        var layers = new ArrayList<Path>();
        if (Files.exists(changes)) {
            layers.add(changes);
        }
        if (deleted[0] != null) {
            layers.add(whiteouts(deleted[0], folder.resolve("deleted.tar")));
        }
        return layers;
    }

    private static String name(TarEntry entry) {
        String name = entry.name().toString();
        return name.startsWith("./") ? name.substring(2) : name;
    }

    /** Of a file of criu's; null: it is none. */
    private @Nullable String imageName(String name) {
        if (!name.startsWith(IMAGES)) {
            return null;
        }
        String image = name.substring(IMAGES.length());
        if (image.isEmpty()
                || image.indexOf('/') >= 0
                || image.equals("..")
                || image.equals(CHANGES)) {
            throw new Failure.Invalid(
                    named() + ": entry \"" + Printable.of(name) + "\": want a file of criu's");
        }
        return image;
    }

    private byte[] text(TarEntry entry, TarReader archive) throws IOException {
        if (entry.size() > LONGEST_TEXT) {
            throw new Failure.Invalid(
                    named() + ": " + name(entry) + ": want at most " + LONGEST_TEXT + " bytes");
        }
        var text = new byte[(int) entry.size()];
        int done = 0;
        int count;
        while ((count = archive.read(text, done, text.length - done)) > 0) {
            done += count;
        }
        return text;
    }

    private void copy(TarEntry entry, TarReader archive, Path to) throws IOException {
        if (entry.extents() != null) {
            throw new Failure.Invalid(named() + ": " + name(entry) + ": want no sparse file");
        }
        var buffer = new byte[1 << 16];
        try (OutputStream out =
                Files.newOutputStream(
                        to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            int count;
            while ((count = archive.read(buffer, 0, buffer.length)) > 0) {
                out.write(buffer, 0, count);
            }
        }
    }

    /** CRI-O names in a list what is gone; a layer says it by whiteouts (image-spec layer.md). */
    private Path whiteouts(byte[] deleted, Path to) throws IOException {
        String wrapped = "{\"files\":" + new String(deleted, StandardCharsets.UTF_8) + "}";
        JsonFields fields =
                JsonFields.read(named() + ": " + DELETED, wrapped.getBytes(StandardCharsets.UTF_8));
        try (var out = new BufferedOutputStream(Files.newOutputStream(to));
                var tar = new TarWriter(out)) {
            for (String gone : fields.texts("files")) {
                Path file = Path.of("/").resolve(gone).normalize();
                if (file.getNameCount() > 0) {
                    tar.begin(
                            CheckpointArchives.entry(TarEntry.Kind.FILE, whiteout(file), 0600, 0));
                }
            }
        }
        return to;
    }

    private static String whiteout(Path file) {
        return file.resolveSibling(WHITEOUT + file.getFileName()).toString().substring(1);
    }

    @Override
    public void close() {
        file.close();
    }
}
