package dev.rung.image.archive;

import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageStore;
import dev.rung.image.Lease;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.image.compression.Compression;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.tar.TarReader;
import dev.rung.oci.image.ContainerDefaults;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageConfig;
import dev.rung.oci.image.ImageConfig.HistoryEntry;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageManifest;
import dev.rung.oci.image.LayerPacking;
import dev.rung.oci.image.MediaTypes;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Makes an image of the archive of a whole file system, as docker import does. */
public final class FileSystemImporter {
    private final ContentStore content;
    private final ImageStore images;
    private final Path spools;

    /** Spools go to a folder of our own on the disk of the store. */
    public FileSystemImporter(ContentStore content, ImageStore images, Path spools) {
        this.content = content;
        this.images = images;
        this.spools = spools;
    }

    /**
     * What the image is to say of itself.
     *
     * @param comment for the history
     */
    public record Description(
            Platform platform, ContainerDefaults defaults, Instant created, String comment) {}

    /**
     * Takes in the archive, compressed in any known way, as the image's only layer; kept nameless
     * until the caller names it. Invalid when it is no tar archive.
     */
    public ContentDescriptor importArchive(
            InputStream archive, LayerPacking packing, Description description)
            throws IOException, InterruptedException {
        try (Lease lease = content.lease();
                InputStream plain = Compression.undo(archive)) {
            Layer layer =
                    Spool.layer(content, lease, spools, packing, out -> copyChecked(plain, out));
            ImageConfig config =
                    new ImageConfig(
                            description.created().toString(),
                            null,
                            description.platform(),
                            description.defaults(),
                            List.of(layer.diffId()),
                            List.of(history(description)));
            byte[] configText = config.json();
            ContentDescriptor configAt = ImageDocument.describe(MediaTypes.OCI_CONFIG, configText);
            put(lease, configAt, configText);
            byte[] manifest = ImageManifest.of(configAt, List.of(layer.descriptor())).json();
            ContentDescriptor target = ImageDocument.describe(MediaTypes.OCI_MANIFEST, manifest);
            put(lease, target, manifest);
            images.putNameless(target);
            return target;
        }
    }

    private void put(Lease lease, ContentDescriptor descriptor, byte[] text)
            throws InterruptedException {
        lease.retain(descriptor.digest());
        content.put(descriptor, text);
    }

    private static HistoryEntry history(Description description) {
        return new HistoryEntry(
                description.created().toString(), null, null, description.comment(), false);
    }

    /** Reads it as an archive while it goes by, so that something else is refused now. */
    private static void copyChecked(InputStream plain, OutputStream out) throws IOException {
        var copying = new Copying(plain, out);
        var reader = new TarReader(copying);
        if (reader.next() == null) {
            throw new Failure.Invalid("invalid tar archive: it holds nothing");
        }
        while (reader.next() != null) {
            // on to its end
        }
        reader.drain(Long.MAX_VALUE);
    }

    /** Writes all that is read to somewhere else too. */
    private static final class Copying extends FilterInputStream {
        private static final long MOST = UnpackLimits.USUAL.bytes();

        private final OutputStream copy;
        private long bytes;

        Copying(InputStream in, OutputStream copy) {
            super(in);
            this.copy = copy;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = in.read(into, offset, length);
            if (count > 0) {
                bytes += count;
                if (bytes > MOST) {
                    throw new Failure.Invalid("invalid tar archive: more than " + MOST + " bytes");
                }
                copy.write(into, offset, count);
            }
            return count;
        }
    }
}
