package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarWriter;
import dev.rung.oci.json.JsonFields;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What {@link CheckpointArchives}, containerd or CRI-O wrote of a container, to make another of. It
 * says of what image that was, what criu found of its processes, and what it changed of its files;
 * nothing that it says besides is read: mounts, rights and limits are those of who asks.
 */
final class Checkpoint {
    private static final int LONGEST_TEXT = 1 << 20;
    private static final String IMAGES = CheckpointParts.IMAGES + "/";
    private static final String CONFIG = "config.dump";
    private static final String CHANGES = "rootfs-diff.tar";
    private static final String DELETED = "deleted.files";
    private static final String WHITEOUT = ".wh.";

    /** Those that stand beside criu's images. */
    static final Set<String> OTHERS = Set.of(CONFIG, CHANGES, DELETED);

    /** Of criu's images and the few files beside them that their maker needs. */
    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

    private final CheckpointParts parts;

    Checkpoint(CheckpointParts parts) {
        this.parts = parts;
    }

    /** Whether a file of that name is of use here. */
    static boolean isPart(String name) {
        return OTHERS.contains(name) || name.startsWith(IMAGES) && !name.equals(IMAGES);
    }

    /** What the container was made of: names to be tried in turn. */
    List<String> baseImages() {
        var config = new byte[1][];
        try {
            parts.visit((name, size, content) -> {
                if (name.equals(CONFIG)) {
                    config[0] = text(name, size, content);
                }
            });
        } catch (IOException e) {
            throw refused(e);
        }
        if (config[0] == null) {
            throw new Failure.Invalid(parts.named() + " has no " + CONFIG);
        }
        JsonFields fields = JsonFields.read(parts.named() + ": " + CONFIG, config[0]);
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

    private Failure refused(IOException e) {
        return new Failure.HostRefused("read " + parts.named() + ": " + e.getMessage(), e);
    }

    /** Puts criu's images into a folder; archives of what the container changed, beside them. */
    List<Path> unpack(Path folder) throws IOException {
        Path changes = folder.resolve(CHANGES);
        var deleted = new byte[1][];
        parts.visit((name, size, content) -> {
            if (name.startsWith(IMAGES)) {
                copy(name, content, folder.resolve(imageName(name)));
            } else if (name.equals(CHANGES)) {
                copy(name, content, changes);
            } else if (name.equals(DELETED)) {
                deleted[0] = text(name, size, content);
            }
        });
        if (Files.notExists(folder.resolve("inventory.img"))) {
            throw new Failure.Invalid(parts.named() + " has no " + IMAGES + "inventory.img");
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

    private String imageName(String name) {
        String image = name.substring(IMAGES.length());
        if (!IMAGE.matcher(image).matches() || image.equals(CHANGES)) {
            throw new Failure.Invalid(
                    parts.named()
                            + ": entry \""
                            + Printable.of(name)
                            + "\": want a file of criu's");
        }
        return image;
    }

    private byte[] text(String name, long size, InputStream content) throws IOException {
        byte[] text = content.readNBytes(LONGEST_TEXT + 1);
        if (size > LONGEST_TEXT || text.length > LONGEST_TEXT) {
            throw new Failure.Invalid(
                    parts.named() + ": " + name + ": want at most " + LONGEST_TEXT + " bytes");
        }
        return text;
    }

    private void copy(String name, InputStream content, Path to) throws IOException {
        try (OutputStream out =
                Files.newOutputStream(
                        to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.transferTo(out);
        } catch (FileAlreadyExistsException _) {
            throw new Failure.Invalid(
                    parts.named() + ": entry \"" + Printable.of(name) + "\": it is there twice");
        }
    }

    /** CRI-O names in a list what is gone; a layer says it by whiteouts (image-spec layer.md). */
    private Path whiteouts(byte[] deleted, Path to) throws IOException {
        String wrapped = "{\"files\":" + new String(deleted, StandardCharsets.UTF_8) + "}";
        JsonFields fields =
                JsonFields.read(
                        parts.named() + ": " + DELETED, wrapped.getBytes(StandardCharsets.UTF_8));
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
}
