package dev.rung.image;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.linux.DurableFile;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.Semaphore;

/**
 * Content on its way into the store: written in order by one thread, hashed as it comes, readable
 * by others meanwhile. Closed before {@link #commit} succeeded, what has come is kept for the next
 * try.
 */
public final class Ingest implements AutoCloseable {
    private static final int CHUNK = 256 * 1024;

    private final ContentDescriptor descriptor;
    private final Path partial;
    private final Path whole;
    private final Semaphore turn;
    private final FileChannel file;
    private final GrowthSignal growth = new GrowthSignal();
    private MessageDigest hash;
    private long offset;
    private boolean closed;

    Ingest(ContentDescriptor descriptor, Path partial, Path whole, Semaphore turn)
            throws IOException {
        this.descriptor = descriptor;
        this.partial = partial;
        this.whole = whole;
        this.turn = turn;
        hash = descriptor.digest().algorithm().hash();
        file = FileChannel.open(partial, CREATE, READ, WRITE);
        try {
            readBack();
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Feeds the hash with what came the last time. */
    private void readBack() throws IOException {
        if (file.size() > descriptor.size()) {
            file.truncate(0);
        }
        var chunk = ByteBuffer.allocate(CHUNK);
        int count;
        while ((count = file.read(chunk.clear())) >= 0) {
            hash.update(chunk.array(), 0, count);
            offset += count;
        }
        growth.reached(offset);
    }

    /** What is to come. */
    public ContentDescriptor descriptor() {
        return descriptor;
    }

    /** How many bytes are here: where to go on. */
    public long offset() {
        return offset;
    }

    /** Appends; Invalid when more comes than the descriptor says. */
    public void write(byte[] bytes, int from, int count) {
        if (count > descriptor.size() - offset) {
            throw new Failure.Invalid(
                    "content %s: more than the %d bytes that its descriptor says"
                            .formatted(descriptor.digest(), descriptor.size()));
        }
        try {
            var buffer = ByteBuffer.wrap(bytes, from, count);
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
        } catch (IOException e) {
            throw ContentStore.failed("write content", descriptor.digest(), e);
        }
        hash.update(bytes, from, count);
        offset += count;
        growth.reached(offset);
    }

    /** Forgets what has come; who follows is told to begin anew. */
    public void restart() {
        growth.restarted(); // first: who finds less than there was must know why
        try {
            file.truncate(0);
            file.position(0);
        } catch (IOException e) {
            throw ContentStore.failed("write content", descriptor.digest(), e);
        }
        hash = descriptor.digest().algorithm().hash();
        offset = 0;
    }

    /**
     * Checks size and digest, syncs, and gives the content its name. Invalid when it is not what
     * the descriptor says: then nothing of it is kept.
     */
    public void commit() {
        if (offset != descriptor.size()) {
            throw new Failure.Invalid(
                    "content %s: want %d bytes, got %d"
                            .formatted(descriptor.digest(), descriptor.size(), offset));
        }
        Digest got = Digest.of(descriptor.digest().algorithm(), hash);
        if (!got.equals(descriptor.digest())) {
            restart();
            throw new Failure.Invalid(
                    "content %s: wrong digest, got %s".formatted(descriptor.digest(), got));
        }
        growth.verified();
        try {
            file.force(true);
            DurableFile.move(partial, whole);
        } catch (IOException e) {
            hash = descriptor.digest().algorithm().hash(); // ours is spent
            throw ContentStore.failed("write content", descriptor.digest(), e);
        }
    }

    /**
     * Reads the content from its start while it comes: a read waits for bytes, and answers the end
     * only once all are here and are what the digest says. It fails when the ingest is closed
     * before, or is begun anew ({@link ContentReader#mustRestart}).
     */
    public ContentReader follow() {
        try {
            return new ContentReader(FileChannel.open(partial, READ), growth);
        } catch (IOException e) {
            throw ContentStore.failed("read content", descriptor.digest(), e);
        }
    }

    /** Lets the next one take its turn. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        growth.abandoned();
        try {
            file.close();
            if (offset == 0) {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw ContentStore.failed("write content", descriptor.digest(), e);
        } finally {
            turn.release();
        }
    }
}
