package dev.rung.image.archive;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.ImageReader;
import dev.rung.image.Ingest;
import dev.rung.image.Lease;
import dev.rung.image.archive.LoadListener.Meter;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageIndex;
import dev.rung.oci.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;

/** Takes in what the index of an OCI layout leads to, as far as it is there. */
final class LayoutFolder {
    private static final String INDEX = "index.json";
    private static final int CHUNK = 64 * 1024;

    private final ImageLayout layout;
    private final ContentStore content;
    private final Lease lease;
    private final LoadListener listener;
    private final ImageReader reader;
    private final Set<Digest> seen = new HashSet<>();

    LayoutFolder(ImageLayout layout, ContentStore content, Lease lease, LoadListener listener) {
        this.layout = layout;
        this.content = content;
        this.lease = lease;
        this.listener = listener;
        reader = new ImageReader(content);
    }

    /** The same as of an archive whose files have come. */
    ArchiveFiles take() throws IOException, InterruptedException {
        byte[] index = index();
        var document = (ImageIndex) ImageDocument.read(INDEX, MediaTypes.OCI_INDEX, index);
        for (ContentDescriptor target : document.manifests()) {
            take(target);
        }
        var files = new ArchiveFiles();
        files.document(INDEX, index);
        return files;
    }

    private byte[] index() throws IOException {
        try (InputStream in = layout.open(INDEX)) {
            if (in == null) {
                throw new Failure.Invalid("invalid image layout: it lacks " + INDEX);
            }
            byte[] text = in.readNBytes(ImageReader.LARGEST_DOCUMENT + 1);
            if (text.length > ImageReader.LARGEST_DOCUMENT) {
                throw new Failure.Invalid(
                        "invalid image layout: %s has more than %d bytes"
                                .formatted(INDEX, ImageReader.LARGEST_DOCUMENT));
            }
            return text;
        }
    }

    private void take(ContentDescriptor descriptor) throws IOException, InterruptedException {
        Digest digest = descriptor.digest();
        lease.retain(digest);
        if (!seen.add(digest) || !content.contains(digest) && !copy(descriptor)) {
            return;
        }
        String type = descriptor.mediaType();
        if (MediaTypes.isIndex(type) || MediaTypes.isManifest(type)) {
            for (ContentDescriptor child : reader.document(descriptor).children()) {
                take(child);
            }
        }
    }

    /** False when the layout lacks it. */
    private boolean copy(ContentDescriptor descriptor) throws IOException, InterruptedException {
        Digest digest = descriptor.digest();
        String path = "blobs/" + digest.algorithm() + "/" + digest.hex();
        try (InputStream in = layout.open(path)) {
            if (in == null) {
                return false;
            }
            try (Ingest ingest = content.begin(descriptor)) {
                if (ingest == null) {
                    return true;
                }
                ingest.restart();
                Meter meter = Meter.of(listener, digest, descriptor.size());
                var chunk = new byte[CHUNK];
                for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                    ingest.write(chunk, 0, count);
                    meter.more(count);
                }
                ingest.commit();
                return true;
            }
        }
    }
}
