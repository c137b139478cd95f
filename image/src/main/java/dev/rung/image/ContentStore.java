package dev.rung.image;

import static java.nio.file.StandardOpenOption.READ;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.oci.image.ContentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Content by digest, laid out as in an OCI image layout: blobs/sha256/HEX. Content comes in through
 * an {@link Ingest}, which checks it while it is written; what lies under its name is whole, was
 * what its digest says, and is synced. What has come so far of the rest lies in ingest/ and goes on
 * from there the next time, whoever was killed when.
 *
 * <p>Safe for use by many threads.
 */
public final class ContentStore {
    private final Path blobs;
    private final Path ingests;
    private final Map<Digest, Semaphore> turns = new ConcurrentHashMap<>();
    private final Set<Lease> leases = new HashSet<>(); // guarded by itself
    private final Semaphore collecting = new Semaphore(1);

    private ContentStore(Path folder) {
        blobs = folder.resolve("blobs");
        ingests = folder.resolve("ingest");
    }

    /** Opens the store in a folder of its own, making it where it is missing. */
    public static ContentStore open(Path folder) {
        var store = new ContentStore(folder);
        try {
            for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
                Files.createDirectories(store.blobs.resolve(algorithm.toString()));
            }
            Files.createDirectories(store.ingests);
        } catch (IOException e) {
            throw failed("open content store", folder, e);
        }
        return store;
    }

    public boolean contains(Digest digest) {
        return Files.exists(path(digest));
    }

    /** In bytes; NotFound when it is not here. */
    public long size(Digest digest) {
        try {
            return Files.size(path(digest));
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    /** For reading; the caller closes it. NotFound when it is not here. */
    public FileChannel open(Digest digest) {
        try {
            return FileChannel.open(path(digest), READ);
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    /** A document as a whole; NotFound when it is not here, Invalid above the limit in bytes. */
    public byte[] read(Digest digest, int limit) {
        try (FileChannel channel = open(digest)) {
            long size = channel.size();
            if (size > limit) {
                throw new Failure.Invalid(
                        "content %s: %d bytes, want at most %d".formatted(digest, size, limit));
            }
            var buffer = ByteBuffer.allocate((int) size);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // goes on where the last read ended
            }
            return buffer.array();
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    private static Failure unreadable(Digest digest, IOException e) {
        return e instanceof NoSuchFileException
                ? new Failure.NotFound("content " + digest + ": not found")
                : failed("read content", digest, e);
    }

    /**
     * Begins to take content in, or goes on where it was left. Waits while another does the same;
     * null when it is here by then. The caller closes the ingest, whatever becomes of it.
     */
    public @Nullable Ingest begin(ContentDescriptor descriptor) throws InterruptedException {
        Semaphore turn =
                turns.computeIfAbsent(descriptor.digest(), digest -> new Semaphore(1, true));
        turn.acquire();
        try {
            if (contains(descriptor.digest())) {
                turn.release();
                return null;
            }
            return new Ingest(
                    descriptor, partial(descriptor.digest()), path(descriptor.digest()), turn);
        } catch (IOException e) {
            turn.release();
            throw failed("write content", descriptor.digest(), e);
        }
    }

    /**
     * Reads content from its start: as it comes while the ingest is open, else as it lies here.
     * NotFound when it is neither.
     */
    public ContentReader follow(Digest digest, @Nullable Ingest ingest) {
        return ingest == null || contains(digest)
                ? ContentReader.ofWhole(open(digest))
                : ingest.follow();
    }

    /** Takes in a small document at once. */
    public void put(ContentDescriptor descriptor, byte[] content) throws InterruptedException {
        try (Ingest ingest = begin(descriptor)) {
            if (ingest != null) {
                ingest.restart();
                ingest.write(content, 0, content.length);
                ingest.commit();
            }
        }
    }

    /** Whether it was here; who has it open can go on reading. */
    public boolean delete(Digest digest) {
        try {
            return Files.deleteIfExists(path(digest));
        } catch (IOException e) {
            throw failed("delete content", digest, e);
        }
    }

    /** Deletes unless a lease holds it. */
    boolean deleteUnlessLeased(Digest digest) {
        synchronized (leases) {
            for (Lease lease : leases) {
                if (lease.holds(digest)) {
                    return false;
                }
            }
            return delete(digest);
        }
    }

    /** All that is here in full. */
    public List<Digest> list() {
        var all = new ArrayList<Digest>();
        for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
            Path folder = blobs.resolve(algorithm.toString());
            for (Path file : files(folder)) {
                Digest digest = digestOrNull(algorithm + ":" + file.getFileName());
                if (digest != null) {
                    all.add(digest);
                }
            }
        }
        return all;
    }

    /** Deletes what has come of content that nobody takes in now and that has not grown since. */
    long deletePartials(Instant since) {
        long freed = 0;
        for (Path file : files(ingests)) {
            Digest digest = digestOrNull(String.valueOf(file.getFileName()).replaceFirst("-", ":"));
            if (digest == null) {
                continue;
            }
            Semaphore turn = turns.computeIfAbsent(digest, absent -> new Semaphore(1, true));
            if (!turn.tryAcquire()) {
                continue;
            }
            try {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                    freed += Files.size(file);
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw failed("delete partial content", digest, e);
            } finally {
                turn.release();
            }
        }
        return freed;
    }

    /** When it came; NotFound when it is not here. */
    Instant since(Digest digest) {
        try {
            return Files.getLastModifiedTime(path(digest)).toInstant();
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    /** Null for a file that somebody else put there. */
    private static @Nullable Digest digestOrNull(String text) {
        try {
            return Digest.parse(text);
        } catch (Failure.Invalid e) {
            return null;
        }
    }

    private static List<Path> files(Path folder) {
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(all::add);
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
        return all;
    }

    /**
     * A hold on content that no name points at yet, such as that of a pull: what it retains is not
     * collected before it is closed.
     */
    public Lease lease() {
        var lease = new Lease(this);
        synchronized (leases) {
            leases.add(lease);
        }
        return lease;
    }

    void retain(Lease lease, Digest digest) {
        synchronized (leases) {
            lease.add(digest);
        }
    }

    /**
     * Waits for a collection to end: it may have looked at the names before ours was among them.
     */
    void end(Lease lease) {
        collecting.acquireUninterruptibly();
        try {
            synchronized (leases) {
                leases.remove(lease);
            }
        } finally {
            collecting.release();
        }
    }

    /** Does the work while no lease can end. */
    <T> T whileCollecting(Supplier<T> work) {
        collecting.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            collecting.release();
        }
    }

    private Path path(Digest digest) {
        return blobs.resolve(digest.algorithm().toString()).resolve(digest.hex());
    }

    private Path partial(Digest digest) {
        return ingests.resolve(digest.algorithm() + "-" + digest.hex());
    }

    static Failure failed(String doing, Object object, IOException e) {
        return new Failure.HostRefused(doing + " \"" + object + "\": " + reason(e), e);
    }

    /** What the system said, without the path that java.nio puts before it. */
    private static String reason(IOException e) {
        String said = e instanceof FileSystemException system ? system.getReason() : null;
        String message = said == null ? e.getMessage() : said;
        return message == null || message.isEmpty()
                ? e.getClass().getSimpleName()
                : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }
}
