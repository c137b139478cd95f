package dev.rung.image.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageReader;
import dev.rung.image.Lease;
import dev.rung.image.StoredImage;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.MediaTypes;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Saves images as one archive that is an OCI layout and has Docker's manifest.json too, as docker
 * save has since version 25. The same images give the same bytes.
 */
public final class ImageSaver {
    private static final KernelPath NONE = KernelPath.of("");
    private static final int CHUNK = 64 * 1024;

    private final ContentStore content;
    private final ImageReader reader;

    public ImageSaver(ContentStore content) {
        this.content = content;
        this.reader = new ImageReader(content);
    }

    /**
     * Images that are to be saved, of which nothing is collected before this is closed.
     *
     * @param digests of all that goes into the archive
     * @param runnable those that manifest.json tells of
     */
    private record Order(
            List<StoredImage> images,
            Set<Digest> digests,
            Map<StoredImage, Image> runnable,
            ImageSaver saver,
            Lease lease)
            implements Saving {
        @Override
        public void writeTo(OutputStream out) throws IOException {
            try (var tar = new TarWriter(out)) {
                folder(tar, "blobs/");
                folder(tar, "blobs/sha256/");
                for (Digest digest : digests) {
                    saver.blob(tar, digest);
                }
                document(tar, "index.json", index(images));
                document(tar, "manifest.json", manifest(runnable));
                document(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(UTF_8));
            }
        }

        @Override
        public void close() {
            lease.close();
        }
    }

    /** Images that can be saved, and are kept for it. */
    public interface Saving extends AutoCloseable {
        void writeTo(OutputStream out) throws IOException;

        @Override
        void close();
    }

    /**
     * Gets all that the store has of these images ready; manifest.json is to tell of the platform
     * only. NotFound when a layer of that platform is not here.
     *
     * @param alone whether nothing but the platform's is to be saved; NotFound then when an image
     *     has nothing for it
     */
    public Saving prepare(List<StoredImage> images, Platform platform, boolean alone) {
        var lease = content.lease();
        boolean done = false;
        try {
            var digests = new TreeSet<Digest>();
            var runnable = new LinkedHashMap<StoredImage, Image>();
            var chosen = new ArrayList<StoredImage>();
            for (StoredImage stored : images) {
                StoredImage one = alone ? forPlatformAlone(stored, platform) : stored;
                Set<Digest> reachable = reader.reachable(one.target());
                reachable.forEach(lease::retain);
                digests.addAll(reachable);
                chosen.add(one);
                Image image = forPlatform(one, platform);
                if (image != null) {
                    for (ContentDescriptor layer : image.manifest().layers()) {
                        if (!content.contains(layer.digest())) {
                            throw new Failure.NotFound("content " + layer.digest() + ": not found");
                        }
                    }
                    runnable.put(one, image);
                }
            }
            done = true;
            return new Order(chosen, digests, runnable, this, lease);
        } finally {
            if (!done) {
                lease.close();
            }
        }
    }

    /** Writes them in one go. */
    public void save(List<StoredImage> images, Platform platform, OutputStream out)
            throws IOException {
        try (Saving saving = prepare(images, platform, false)) {
            saving.writeTo(out);
        }
    }

    private StoredImage forPlatformAlone(StoredImage stored, Platform platform) {
        Image image = reader.read(stored, platform);
        if (!platform.compatible().contains(image.config().platform())) {
            throw new Failure.NotFound(
                    "image %s: not here for platform %s".formatted(image.id(), platform));
        }
        return new StoredImage(stored.name(), image.descriptor());
    }

    /** Null when it is an artifact, or not for this platform. */
    private @Nullable Image forPlatform(StoredImage stored, Platform platform) {
        try {
            return reader.read(stored, platform);
        } catch (Failure.NotFound | Failure.Unsupported e) {
            return null;
        }
    }

    private static byte[] index(List<StoredImage> images) {
        JsonWriter writer = JsonWriter.compact();
        writer.beginObject()
                .field("schemaVersion", 2)
                .field("mediaType", MediaTypes.OCI_INDEX)
                .name("manifests")
                .beginArray();
        for (StoredImage image : images) {
            ContentDescriptor target = image.target();
            new ContentDescriptor(
                            target.mediaType(),
                            target.digest(),
                            target.size(),
                            List.of(),
                            names(image.name()),
                            target.platform(),
                            target.artifactType())
                    .write(writer);
        }
        return writer.endArray().endObject().bytes();
    }

    private static Map<String, String> names(@Nullable ImageName name) {
        if (name == null) {
            return Map.of();
        }
        var names = new LinkedHashMap<String, String>();
        names.put("io.containerd.image.name", name.toString());
        if (name.tag() != null) {
            names.put("org.opencontainers.image.ref.name", name.tag());
        }
        return names;
    }

    private static byte[] manifest(Map<StoredImage, Image> images) {
        var tags = new LinkedHashMap<Digest, List<String>>();
        var byConfig = new LinkedHashMap<Digest, Image>();
        images.forEach((stored, image) -> {
            byConfig.putIfAbsent(image.id(), image);
            List<String> all = tags.computeIfAbsent(image.id(), _ -> new ArrayList<>());
            if (stored.name() != null) {
                all.add(stored.name().familiar());
            }
        });
        JsonWriter writer = JsonWriter.compact().beginArray();
        byConfig.forEach((config, image) ->
                writer.beginObject()
                        .field("Config", path(config))
                        .field("RepoTags", tags.getOrDefault(config, List.of()))
                        .field(
                                "Layers",
                                image.manifest().layers().stream()
                                        .map(layer -> path(layer.digest()))
                                        .toList())
                        .endObject());
        return writer.endArray().bytes();
    }

    private static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private void blob(TarWriter tar, Digest digest) throws IOException {
        try (var channel = content.open(digest);
                InputStream in = Channels.newInputStream(channel)) {
            tar.begin(entry(Kind.FILE, path(digest), 0644, channel.size()));
            var chunk = new byte[CHUNK];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                tar.write(chunk, 0, count);
            }
        }
    }

    private static void folder(TarWriter tar, String name) throws IOException {
        tar.begin(entry(Kind.FOLDER, name, 0755, 0));
    }

    private static void document(TarWriter tar, String name, byte[] text) throws IOException {
        tar.begin(entry(Kind.FILE, name, 0644, text.length));
        tar.write(text, 0, text.length);
    }

    private static TarEntry entry(Kind kind, String name, int mode, long size) {
        return new TarEntry(
                kind, KernelPath.of(name), NONE, mode, 0, 0, size, Time.EPOCH, 0, List.of(), null);
    }
}
