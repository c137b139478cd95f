package dev.rung.image.archive;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.image.ContentStore;
import dev.rung.image.GarbageCollection;
import dev.rung.image.Image;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.Ingest;
import dev.rung.image.Lease;
import dev.rung.image.StoredImage;
import dev.rung.image.archive.LoadListener.Meter;
import dev.rung.image.compression.Compression;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarReader;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Loads archives of images, as docker load does. */
public final class ImageLoader {
    private static final String BLOBS = "blobs/sha256/";
    private static final int LARGEST_DOCUMENT = 8 << 20;
    private static final int CHUNK = 64 * 1024;
    private static final String UNKNOWN = "application/octet-stream";

    private final ContentStore content;
    private final ImageStore images;
    private final Path spools;
    private final GarbageCollection garbage;
    private final Supplier<Set<Digest>> alsoNeeded;

    /**
     * Spools go to a folder of our own on the disk of the store.
     *
     * @param alsoNeeded content that others than images need, such as the cache of builds
     */
    public ImageLoader(
            ContentStore content,
            ImageStore images,
            Path spools,
            Supplier<Set<Digest>> alsoNeeded) {
        this.content = content;
        this.images = images;
        this.spools = spools;
        this.alsoNeeded = alsoNeeded;
        garbage = new GarbageCollection(content, images);
    }

    private interface Loading {
        List<LoadedImage> with(Lease lease) throws IOException, InterruptedException;
    }

    /**
     * Takes in all images of an archive, compressed or not, of docker save (any version) or of an
     * OCI layout. Invalid when it is neither, lacks something or holds something else than its
     * digests say, HostRefused when there is no room for it; then nothing of it is kept.
     */
    public List<LoadedImage> load(InputStream archive) throws IOException, InterruptedException {
        return load(archive, null, LoadListener.NONE);
    }

    /**
     * The same, of each image what is for the platform alone, unless that is null. NotFound when
     * one has nothing for it.
     */
    public List<LoadedImage> load(
            InputStream archive, @Nullable Platform platform, LoadListener listener)
            throws IOException, InterruptedException {
        return wholly(lease -> {
            var files = new ArchiveFiles();
            var reader = new TarReader(Compression.undo(archive));
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                files.coming(entry.size());
                take(reader, entry, files, lease, listener);
            }
            return keep(files, lease, platform);
        });
    }

    /** The same of an OCI layout in a folder, of which only what its index leads to is read. */
    public List<LoadedImage> load(
            ImageLayout layout, @Nullable Platform platform, LoadListener listener)
            throws IOException, InterruptedException {
        return wholly(lease ->
                keep(new LayoutFolder(layout, content, lease, listener).take(), lease, platform));
    }

    /** What came for images that come to nothing does not stay and fill the disk. */
    private List<LoadedImage> wholly(Loading loading) throws IOException, InterruptedException {
        Lease lease = content.lease();
        boolean done = false;
        try {
            List<LoadedImage> loaded = loading.with(lease);
            done = true;
            return loaded;
        } finally {
            if (done) {
                lease.close();
            } else {
                garbage.discard(lease, alsoNeeded);
            }
        }
    }

    private List<LoadedImage> keep(ArchiveFiles files, Lease lease, @Nullable Platform platform)
            throws InterruptedException {
        List<LoadedImage> loaded = new ArchiveContents(content, lease, files).images();
        if (loaded.isEmpty()) {
            throw new Failure.Invalid(
                    "invalid image archive: want index.json or manifest.json with an image");
        }
        if (platform != null) {
            loaded = loaded.stream().map(image -> forPlatform(image, platform)).toList();
        }
        for (LoadedImage image : loaded) {
            if (image.names().isEmpty()) {
                images.putNameless(image.target());
            }
            image.names().forEach(name -> images.put(name, image.target()));
        }
        return loaded;
    }

    private LoadedImage forPlatform(LoadedImage loaded, Platform platform) {
        var stored = new StoredImage(null, loaded.target());
        Image image = new ImageReader(content).read(stored, platform);
        if (!platform.compatible().contains(image.config().platform())) {
            throw new Failure.NotFound(
                    "image %s: not in the archive for platform %s".formatted(image.id(), platform));
        }
        return new LoadedImage(loaded.names(), image.descriptor());
    }

    private void take(
            TarReader reader,
            TarEntry entry,
            ArchiveFiles files,
            Lease lease,
            LoadListener listener)
            throws IOException, InterruptedException {
        String name = plain(entry.name());
        Digest digest = blob(name);
        if (entry.kind() == Kind.SYMLINK || entry.kind() == Kind.HARD_LINK) {
            files.link(name, plain(entry.link()), entry.kind() == Kind.SYMLINK);
        } else if (entry.kind() != Kind.FILE) {
            return;
        } else if (entry.extents() != null) {
            throw new Failure.Invalid("invalid image archive: \"" + name + "\" is sparse");
        } else if (digest != null) {
            checkRoom(name, entry.size());
            var descriptor = ContentDescriptor.of(UNKNOWN, digest, entry.size());
            takeBlob(reader, descriptor, lease, Meter.of(listener, digest, entry.size()));
            files.stored(name, digest, entry.size());
        } else if (name.endsWith(".json") || name.equals("oci-layout")) {
            if (entry.size() > LARGEST_DOCUMENT) {
                throw new Failure.Invalid(
                        "invalid image archive: \"%s\" has %d bytes: want at most %d"
                                .formatted(name, entry.size(), LARGEST_DOCUMENT));
            }
            files.checkDocument(name, entry.size());
            var text = new byte[(int) entry.size()];
            readFully(reader, text);
            files.document(name, text);
        } else if (name.endsWith(".tar")) {
            checkRoom(name, entry.size() * 2); // in the spool, and in the store
            var meter = new Meter(listener, name, entry.size());
            try (var spool = new Spool(spools)) {
                var chunk = new byte[CHUNK];
                for (int count = reader.read(chunk, 0, CHUNK);
                        count >= 0;
                        count = reader.read(chunk, 0, CHUNK)) {
                    spool.out().write(chunk, 0, count);
                    meter.more(count);
                }
                ContentDescriptor kept = spool.keep(content, lease, UNKNOWN);
                files.stored(name, kept.digest(), kept.size());
            }
        }
    }

    private void takeBlob(TarReader reader, ContentDescriptor descriptor, Lease lease, Meter meter)
            throws IOException, InterruptedException {
        lease.retain(descriptor.digest());
        try (Ingest ingest = content.begin(descriptor)) {
            if (ingest == null) {
                return;
            }
            ingest.restart();
            boolean done = false;
            try {
                var chunk = new byte[CHUNK];
                for (int count = reader.read(chunk, 0, CHUNK);
                        count >= 0;
                        count = reader.read(chunk, 0, CHUNK)) {
                    ingest.write(chunk, 0, count);
                    meter.more(count);
                }
                ingest.commit();
                done = true;
            } finally {
                if (!done) {
                    ingest.restart(); // another archive would begin anew, too
                }
            }
        }
    }

    /** An archive says what is to come, so that a bomb is refused before it fills the disk. */
    private void checkRoom(String name, long size) throws IOException {
        if (size > Files.getFileStore(spools).getUsableSpace()) {
            throw new Failure.HostRefused(
                    "load \"%s\" of %d bytes: no space left on device"
                            .formatted(Printable.of(name), size),
                    null);
        }
    }

    private static void readFully(TarReader reader, byte[] text) throws IOException {
        for (int done = 0; done < text.length; ) {
            done += reader.read(text, done, text.length - done);
        }
    }

    private static String plain(KernelPath name) {
        String text = name.toString();
        return text.startsWith("./") ? text.substring(2) : text;
    }

    /** Null when the name is not that of a blob. */
    private static @Nullable Digest blob(String name) {
        if (!name.startsWith(BLOBS)) {
            return null;
        }
        String hex = name.substring(BLOBS.length());
        boolean digest = hex.length() == 64 && Digest.isLowerHex(hex);
        return digest ? new Digest(Digest.Algorithm.SHA256, hex) : null;
    }
}
