package dev.rung.cri;

import dev.rung.cri.v1.CheckpointContainerRequest;
import dev.rung.cri.v1.CheckpointContainerResponse;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ContainerStatus;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.engine.Checkpoints;
import dev.rung.engine.ContainerView;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarWriter;
import dev.rung.oci.json.JsonWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * CheckpointContainer: a container that goes on, in a tar archive of the form that containerd and
 * CRI-O write and checkpointctl reads: criu's images in {@code checkpoint/}, what the container
 * changed of its image in {@code rootfs-diff.tar}, and beside them what it was made from.
 */
final class CheckpointArchives {
    private static final KernelPath NONE = KernelPath.of("");

    private final PodContainers containers;
    private final Checkpoints checkpoints;
    private final SnapshotStore snapshots;
    private final Clock clock;

    CheckpointArchives(
            PodContainers containers,
            Checkpoints checkpoints,
            SnapshotStore snapshots,
            Clock clock) {
        this.containers = containers;
        this.checkpoints = checkpoints;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    CheckpointContainerResponse write(CheckpointContainerRequest request) {
        ContainerView container = containers.find(request.getContainerId());
        Path location = location("location", request.getLocation());
        if (Files.exists(location, LinkOption.NOFOLLOW_LINKS)) {
            throw new Failure.AlreadyExists("location \"" + location + "\" exists");
        }
        write(container, location, Duration.ofSeconds(Math.max(0, request.getTimeout())));
        return CheckpointContainerResponse.getDefaultInstance();
    }

    /**
     * Writes a container that runs.
     *
     * @param patience zero: without end. criu is not killed when it is over, as it may have stopped
     *     the container's processes in its own code: it ends, and what it wrote is thrown away.
     */
    void write(ContainerView container, Path location, Duration patience) {
        if (PodContainers.state(container) != ContainerState.CONTAINER_RUNNING) {
            throw new Failure.WrongState(
                    "container " + container.record().id() + " is not running");
        }
        String id = container.record().id().value();
        var settled = new AtomicBoolean(); // by who is first: the archive, or the end of patience
        var writing =
                new FutureTask<Void>(
                        () ->
                                checkpoints.lend(
                                        id,
                                        images -> archive(container, images, location, settled)),
                        null);
        Thread.ofVirtual().name("checkpoint " + id).start(writing);
        try {
            if (patience.isZero()) {
                writing.get();
            } else {
                writing.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            if (!settled.compareAndSet(false, true)) {
                return; // it was written in the last moment
            }
            throw new Failure.TimedOut(
                    "the checkpoint of container " + id + " took longer than " + patience, e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Failure failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            settled.set(true);
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /** An absolute path in a field of that name. */
    static Path location(String field, String text) {
        FieldRules.require(field, text);
        boolean plain = text.startsWith("/") && text.indexOf('\0') < 0;
        Path path = plain ? Path.of(text) : Path.of("/");
        if (!plain || path.getNameCount() == 0 || !path.equals(path.normalize())) {
            throw new Failure.Invalid(
                    field + " \"" + Printable.of(text) + "\": want an absolute path without ..");
        }
        return path;
    }

    /** Into a file that is not there yet, so that none is overwritten and no link followed. */
    private void archive(
            ContainerView container,
            Checkpoints.Images images,
            Path location,
            AtomicBoolean settled)
            throws IOException {
        if (settled.get()) {
            return;
        }
        Path diff = images.images().resolveSibling("rootfs-diff.tar");
        var mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Set<StandardOpenOption> fresh =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean made = false;
        boolean whole = false;
        try (var channel = Files.newByteChannel(location, fresh, mode)) {
            made = true;
            try (OutputStream out = Files.newOutputStream(diff)) {
                snapshots.writeLayer(container.record().id().value(), out);
            }
            try (var out = new BufferedOutputStream(Channels.newOutputStream(channel));
                    var tar = new TarWriter(out)) {
                write(tar, container, images, diff);
            }
            whole = settled.compareAndSet(false, true);
        } catch (FileAlreadyExistsException e) {
            throw new Failure.AlreadyExists("location \"" + location + "\" exists");
        } finally {
            Files.deleteIfExists(diff);
            if (made && !whole) {
                Files.deleteIfExists(location);
            }
        }
    }

    private void write(TarWriter tar, ContainerView container, Checkpoints.Images images, Path diff)
            throws IOException {
        ContainerStatus status = containers.status(container);
        tar.begin(entry(TarEntry.Kind.FOLDER, "checkpoint", 0700, 0));
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(images.images(), Files::isRegularFile)) {
            for (Path image : all) {
                file(tar, "checkpoint/" + image.getFileName(), image);
            }
        }
        text(tar, "config.dump", config(container, status));
        file(tar, "spec.dump", images.config());
        text(tar, "status.dump", status(status));
        file(tar, "rootfs-diff.tar", diff);
        for (String name : List.of("dump.log", "stats-dump")) {
            if (Files.exists(images.work().resolve(name))) {
                file(tar, name, images.work().resolve(name));
            }
        }
        Path log = Path.of(status.getLogPath());
        if (!status.getLogPath().isEmpty() && Files.isRegularFile(log)) {
            file(tar, "container.log", log);
        }
    }

    private byte[] config(ContainerView container, ContainerStatus status) {
        return JsonWriter.compact()
                .beginObject()
                .field("id", status.getId())
                .field("name", status.getMetadata().getName())
                .field("rootfsImage", status.getImageRef())
                .field("rootfsImageRef", status.getImageRef())
                .field("rootfsImageName", status.getImage().getImage())
                .field("runtime", container.record().host().runtime())
                .field("createdTime", container.record().created().toString())
                .field("checkpointedTime", clock.instant().toString())
                .field("restoredTime", "0001-01-01T00:00:00Z")
                .field("restored", false)
                .endObject()
                .bytes();
    }

    /** As Go's encoder writes the message, as far as who restores it asks. */
    private static byte[] status(ContainerStatus status) {
        var json = JsonWriter.compact().beginObject().field("id", status.getId());
        json.name("metadata")
                .beginObject()
                .field("name", status.getMetadata().getName())
                .field("attempt", status.getMetadata().getAttempt())
                .endObject();
        json.field("state", status.getStateValue())
                .field("created_at", status.getCreatedAt())
                .field("started_at", status.getStartedAt());
        json.name("image").beginObject().field("image", status.getImage().getImage()).endObject();
        return json.field("image_ref", status.getImageRef())
                .optional("labels", status.getLabelsMap())
                .optional("annotations", status.getAnnotationsMap())
                .field("log_path", status.getLogPath())
                .endObject()
                .bytes();
    }

    static TarEntry entry(TarEntry.Kind kind, String name, int mode, long size) {
        return new TarEntry(
                kind,
                KernelPath.of(name),
                NONE,
                mode,
                0,
                0,
                size,
                TarEntry.Time.EPOCH,
                0,
                List.of(),
                null);
    }

    private static void text(TarWriter tar, String name, byte[] content) throws IOException {
        tar.begin(entry(TarEntry.Kind.FILE, name, 0600, content.length));
        tar.write(content, 0, content.length);
    }

    /** Of a file that grows, as a log does, no more than there was at first. */
    private static void file(TarWriter tar, String name, Path file) throws IOException {
        long left = Files.size(file);
        tar.begin(entry(TarEntry.Kind.FILE, name, 0600, left));
        var buffer = new byte[64 << 10];
        try (InputStream in = Files.newInputStream(file)) {
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new IOException("\"" + file + "\" became shorter");
                }
                tar.write(buffer, 0, count);
                left -= count;
            }
        }
    }
}
