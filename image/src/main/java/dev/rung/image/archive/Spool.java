package dev.rung.image.archive;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.ContentStore;
import dev.rung.image.Ingest;
import dev.rung.image.Lease;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.LayerPacking;
import dev.rung.oci.image.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * Content whose digest is known only when all of it came: it goes to a file first, which nobody
 * else can name, and from there into the store.
 */
public final class Spool implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final FileChannel file;
    private final MessageDigest hash = Digest.Algorithm.SHA256.hash();
    private final OutputStream out;

    /** In a folder of our own, on the disk of the store. */
    public Spool(Path folder) {
        try {
            Path path = Files.createTempFile(folder, "spool-", "");
            Files.delete(path);
            file = FileChannel.open(path, CREATE_NEW, READ, WRITE, DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new Failure.HostRefused("write to \"" + folder + "\": " + e.getMessage(), e);
        }
        out = new DigestOutputStream(new BufferedOutputStream(new ToFile(file, folder)), hash);
    }

    /** A layer that lies in the store now, held by the lease. */
    public record Layer(ContentDescriptor descriptor, Digest diffId) {}

    /** Writes the plain archive of a layer. */
    public interface LayerWriter {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Takes in what somebody writes as a layer, packed as asked for. */
    public static Layer layer(
            ContentStore store, Lease lease, Path folder, LayerPacking packing, LayerWriter writer)
            throws IOException, InterruptedException {
        MessageDigest plain = Digest.Algorithm.SHA256.hash();
        try (var spool = new Spool(folder)) {
            try (OutputStream out =
                    new DigestOutputStream(pack(packing, new KeptOpen(spool.out)), plain)) {
                writer.writeTo(out);
            }
            String type =
                    switch (packing) {
                        case PLAIN -> MediaTypes.OCI_LAYER;
                        case GZIP -> MediaTypes.OCI_LAYER_GZIP;
                        case ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
                    };
            return new Layer(
                    spool.keep(store, lease, type), Digest.of(Digest.Algorithm.SHA256, plain));
        }
    }

    private static OutputStream pack(LayerPacking packing, OutputStream out) throws IOException {
        return switch (packing) {
            case PLAIN -> out;
            case GZIP -> new GZIPOutputStream(out, CHUNK);
            case ZSTD -> new ZstdOutputStreamNoFinalizer(out);
        };
    }

    /** Where the content goes. */
    OutputStream out() {
        return out;
    }

    /** Moves all that came into the store. */
    ContentDescriptor keep(ContentStore store, Lease lease, String mediaType)
            throws IOException, InterruptedException {
        out.flush();
        Digest digest = Digest.of(Digest.Algorithm.SHA256, hash);
        var descriptor = ContentDescriptor.of(mediaType, digest, file.size());
        lease.retain(digest);
        try (Ingest ingest = store.begin(descriptor)) {
            if (ingest != null) {
                ingest.restart();
                file.position(0);
                var in = Channels.newInputStream(file);
                var chunk = new byte[CHUNK];
                for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
                    ingest.write(chunk, 0, count);
                }
                ingest.commit();
            }
        }
        return descriptor;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new Failure.HostRefused("close a spool: " + e.getMessage(), e);
        }
    }

    /** A disk that is full is told apart from trouble with what is read. */
    private static final class ToFile extends OutputStream {
        private final FileChannel file;
        private final Path folder;

        ToFile(FileChannel file, Path folder) {
            this.file = file;
            this.folder = folder;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                var buffer = ByteBuffer.wrap(bytes, offset, length);
                while (buffer.hasRemaining()) {
                    file.write(buffer);
                }
            } catch (IOException e) {
                String why = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
                throw new Failure.HostRefused("write to \"" + folder + "\": " + why, e);
            }
        }
    }

    /** Passes everything on but the end. */
    private static final class KeptOpen extends FilterOutputStream {
        KeptOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
