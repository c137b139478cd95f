package dev.rung.image;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.linux.DurableFile;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names of images and what they point at, in one small file that is synced before a change is
 * answered. An image whose last name goes to another stays, without a name, until it is removed by
 * its id.
 *
 * <p>Safe for use by many threads.
 */
public final class ImageStore {
    private static final int VERSION = 1;
    private static final int SHORTEST_ID = 1;

    private final Path file;
    private final ImageReader reader;
    private final Function<String, ImageName> meaning;
    private final Map<ImageName, ContentDescriptor> named = new LinkedHashMap<>();
    private final Map<Digest, ContentDescriptor> nameless = new LinkedHashMap<>();

    private ImageStore(Path file, ContentStore content, Function<String, ImageName> meaning) {
        this.file = file;
        this.meaning = meaning;
        reader = new ImageReader(content);
    }

    /** Opens the names in a folder of their own, making it where it is missing. */
    public static ImageStore open(Path folder, ContentStore content) {
        return open(folder, content, ImageName::parse);
    }

    /**
     * The same.
     *
     * @param meaning what a person's words for an image mean: some leave the registry out
     */
    public static ImageStore open(
            Path folder, ContentStore content, Function<String, ImageName> meaning) {
        var store = new ImageStore(folder.resolve("images.json"), content, meaning);
        try {
            Files.createDirectories(folder);
            if (Files.exists(store.file)) {
                store.load(Files.readAllBytes(store.file));
            }
        } catch (IOException e) {
            throw ContentStore.failed("open image store", folder, e);
        } catch (Failure.Invalid e) {
            throw new Failure.Corrupt(String.valueOf(e.getMessage()), e);
        }
        return store;
    }

    private void load(byte[] text) {
        JsonFields fields = JsonFields.read(file.toString(), text);
        long version = fields.integer("version", 1, Long.MAX_VALUE);
        if (version > VERSION) {
            throw new Failure.Unsupported(
                    "%s: version %d, written by a newer rung: want at most %d"
                            .formatted(file, version, VERSION));
        }
        for (JsonFields entry : fields.objects("images")) {
            String name = entry.optionalText("name");
            ContentDescriptor target = ContentDescriptor.read(entry.object("target"));
            if (name == null) {
                nameless.put(target.digest(), target);
            } else {
                named.put(ImageName.parse(name), target);
            }
        }
    }

    private void save() {
        var writer = JsonWriter.compact();
        writer.beginObject().field("version", VERSION).name("images").beginArray();
        for (StoredImage image : list()) {
            writer.beginObject();
            if (image.name() != null) {
                writer.field("name", image.name().toString());
            }
            image.target().write(writer.name("target"));
            writer.endObject();
        }
        try {
            DurableFile.replace(file, writer.endArray().endObject().bytes());
        } catch (IOException e) {
            throw ContentStore.failed("write", file, e);
        }
    }

    /** All that is kept; an image with several names comes as often. */
    public synchronized List<StoredImage> list() {
        var all = new ArrayList<StoredImage>(named.size() + nameless.size());
        named.forEach((name, target) -> all.add(new StoredImage(name, target)));
        nameless.forEach((digest, target) -> all.add(new StoredImage(null, target)));
        return all;
    }

    /** What the name points at; null when there is no such name. */
    public synchronized @Nullable ContentDescriptor find(ImageName name) {
        return named.get(name.withDefaultTag());
    }

    /**
     * Points the name at content that a {@link Lease} of the caller holds.
     *
     * @return what it pointed at before, which may have lost its last name
     */
    public synchronized @Nullable ContentDescriptor put(ImageName name, ContentDescriptor target) {
        ContentDescriptor before = named.get(name.withDefaultTag());
        if (target.equals(before)) {
            return before;
        }
        change(() -> {
            named.put(name.withDefaultTag(), target);
            nameless.remove(target.digest());
            if (before != null && !hasName(before.digest())) {
                nameless.put(before.digest(), before);
            }
        });
        return before;
    }

    /** Keeps content without a name, as an import without one does; a lease holds it. */
    public synchronized void putNameless(ContentDescriptor target) {
        if (!hasName(target.digest())) {
            change(() -> nameless.put(target.digest(), target));
        }
    }

    /** Gives an image that is kept one more name; NotFound when it has gone meanwhile. */
    public synchronized void tag(ImageName name, Digest target) {
        for (StoredImage image : list()) {
            if (image.target().digest().equals(target)) {
                put(name, image.target());
                return;
            }
        }
        throw notFound(target.toString());
    }

    /** Takes the name away, even if it was the last; returns what it pointed at. */
    public synchronized ContentDescriptor untag(ImageName name) {
        ContentDescriptor target = named.get(name.withDefaultTag());
        if (target == null) {
            throw notFound(name.withDefaultTag().familiar());
        }
        change(() -> named.remove(name.withDefaultTag()));
        return target;
    }

    /** Takes all names of the image away, and keeps it without one. */
    public synchronized void forgetNames(Digest target) {
        change(() -> {
            var names = new ArrayList<ImageName>();
            named.forEach((name, one) -> {
                if (one.digest().equals(target)) {
                    names.add(name);
                    nameless.put(target, one);
                }
            });
            names.forEach(named::remove);
        });
    }

    /** Forgets the image and all of its names. */
    public synchronized void remove(Digest target) {
        change(() -> {
            named.values().removeIf(one -> one.digest().equals(target));
            nameless.remove(target);
        });
    }

    private boolean hasName(Digest target) {
        for (ContentDescriptor one : named.values()) {
            if (one.digest().equals(target)) {
                return true;
            }
        }
        return false;
    }

    /** What cannot be written has not happened. */
    private void change(Runnable change) {
        var namedBefore = new LinkedHashMap<>(named);
        var namelessBefore = new LinkedHashMap<>(nameless);
        change.run();
        try {
            save();
        } catch (Failure e) {
            named.clear();
            named.putAll(namedBefore);
            nameless.clear();
            nameless.putAll(namelessBefore);
            throw e;
        }
    }

    /**
     * The image that a person means: by name, else by id or the start of one (of the config, the
     * manifest or the index, with or without sha256:). NotFound when there is none, or none for
     * this platform; Invalid when several ids begin so; Unsupported when it is no image that can be
     * run.
     */
    public Image resolve(String text, Platform platform) {
        StoredImage stored = lookUp(text, platform);
        return reader.read(stored, platform);
    }

    /** What whoever made an image says about it. */
    public Map<String, String> annotations(Image image) {
        return reader.annotations(image);
    }

    /** The same for a platform that was asked for: NotFound, too, when it is for another. */
    public Image resolveOnly(String text, Platform platform) {
        StoredImage stored = lookUp(text, platform);
        Image image;
        try {
            image = reader.read(stored, platform);
        } catch (Failure.NotFound e) {
            throw otherwise(text, "provide the specified platform (" + platform + ")");
        }
        Platform actual = image.config().platform();
        if (!platform.compatible().contains(actual)) {
            throw otherwise(
                    text,
                    "match the specified platform: wanted " + platform + ", actual: " + actual);
        }
        return image;
    }

    /** One that is kept, as this machine would run it; null for what it cannot. */
    public @Nullable Image runnable(StoredImage stored) {
        try {
            ImageName name = stored.name();
            String text = name == null ? stored.target().digest().toString() : name.toString();
            return resolve(text, Platform.host());
        } catch (Failure e) {
            return null;
        }
    }

    private static Failure.NotFound otherwise(String text, String doesNot) {
        return new Failure.NotFound(
                "image with reference %s was found but does not %s"
                        .formatted(Printable.of(text), doesNot));
    }

    /** The same without looking whether it can be run here. */
    public StoredImage lookUp(String text, Platform platform) {
        ImageName name = nameOrNull(text);
        if (name != null) {
            ContentDescriptor target = find(name);
            if (target == null && name.digest() != null) {
                target = byRepository(name, name.digest());
            }
            if (target != null) {
                return new StoredImage(name, target);
            }
        }
        String prefix = text.startsWith("sha256:") ? text.substring(7) : text;
        if (prefix.length() < SHORTEST_ID || !Digest.isLowerHex(prefix)) {
            throw notFound(name == null ? text : name.withDefaultTag().familiar());
        }
        var found = new LinkedHashMap<Digest, StoredImage>();
        for (StoredImage image : list()) {
            for (Digest id : ids(image, platform)) {
                if (id.hex().startsWith(prefix)) {
                    found.putIfAbsent(image.target().digest(), image);
                }
            }
        }
        if (found.isEmpty()) {
            throw notFound(name == null ? text : name.withDefaultTag().familiar());
        }
        if (found.size() > 1) {
            throw new Failure.Invalid(
                    "ambiguous image id \"%s\": %d images begin so"
                            .formatted(Printable.of(text), found.size()));
        }
        return found.values().iterator().next();
    }

    private Set<Digest> ids(StoredImage image, Platform platform) {
        var ids = new LinkedHashSet<Digest>();
        ids.add(image.target().digest());
        try {
            Image read = reader.read(image, platform);
            ids.add(read.id());
            ids.add(read.descriptor().digest());
        } catch (Failure e) {
            // no image, or not for this platform: known by its own digest alone
        }
        return ids;
    }

    /** A name with a digest also means what a tag of the same repository points at. */
    private synchronized @Nullable ContentDescriptor byRepository(ImageName name, Digest digest) {
        for (Map.Entry<ImageName, ContentDescriptor> entry : named.entrySet()) {
            if (entry.getKey().repository().equals(name.repository())
                    && entry.getValue().digest().equals(digest)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private @Nullable ImageName nameOrNull(String text) {
        try {
            return meaning.apply(text);
        } catch (Failure.Invalid e) {
            return null;
        }
    }

    private static Failure.NotFound notFound(String text) {
        return new Failure.NotFound("No such image: " + Printable.of(text));
    }
}
