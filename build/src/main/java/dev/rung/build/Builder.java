package dev.rung.build;

import dev.rung.build.BuildCache.Holds;
import dev.rung.build.dockerfile.Dockerfile;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerRoots;
import dev.rung.engine.Containers;
import dev.rung.engine.Engine;
import dev.rung.engine.ImageEvents;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.Lease;
import dev.rung.image.StoredImage;
import dev.rung.image.snapshot.LayerHold;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds images of Dockerfiles, and keeps what their steps have made for the next time. */
public final class Builder {
    private static final int SHORT = 12;

    private final BuildParts parts;
    private final ImageStore images;
    private final ContentStore content;
    private final Reclaim reclaim;
    private final ImageEvents events;

    /**
     * Folders where builds work.
     *
     * @param durable of builds alone, on the disk of the images
     * @param running of builds alone, below the engine's running folder
     * @param spools for layers that are made
     */
    public record Folders(Path durable, Path running, Path spools) {}

    /** Takes away what an engine has left that ended in the middle of a build. */
    public Builder(
            Folders folders,
            Engine engine,
            ContainerRoots roots,
            SnapshotStore snapshots,
            ContentStore content,
            ImageStore images,
            BuildCache cache,
            Reclaim reclaim,
            Clock clock) {
        this.images = images;
        this.content = content;
        this.reclaim = reclaim;
        Containers containers = engine.containers();
        this.events = engine.imageEvents();
        Path contexts = CacheFolders.ownFolder(folders.durable.resolve("contexts"));
        Path running = CacheFolders.ownFolder(folders.running);
        List<Path> mounted = inside(running);
        List<Path> unpacked = inside(contexts);
        // containers are ended by calls of the engine's own, which it answers only when it is there
        Thread.ofPlatform()
                .daemon()
                .name("sweep builds")
                .start(() -> sweep(containers, mounted, unpacked));
        parts =
                new BuildParts(
                        containers,
                        roots,
                        snapshots,
                        content,
                        images,
                        cache,
                        new CacheFolders(CacheFolders.ownFolder(folders.durable.resolve("mounts"))),
                        new LayerCommit(snapshots, content, folders.spools),
                        contexts,
                        running,
                        new SecureRandom(),
                        clock);
    }

    private static void sweep(Containers containers, List<Path> mounted, List<Path> unpacked) {
        containers.removeLeftByBuilds();
        for (Path build : mounted) {
            // what is mounted there first: nothing may be removed through a mount
            sweep(() -> inside(build).forEach(Builder::unmount));
            sweep(() -> ContextFolder.remove(build));
        }
        unpacked.forEach(build -> sweep(() -> ContextFolder.remove(build)));
    }

    private static void sweep(Runnable step) {
        try {
            step.run();
        } catch (Failure e) {
            System.getLogger("dev.rung.build")
                    .log(System.Logger.Level.WARNING, "sweep builds: " + e.getMessage());
        }
    }

    private static void unmount(Path place) {
        Rootfs.unmount(place);
        Rootfs.unmount(place.resolve("shown"));
    }

    private static List<Path> inside(Path folder) {
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(all::add);
            return all;
        } catch (IOException e) {
            throw new Failure.HostRefused("list \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /**
     * Builds an image and gives it its names. Progress is told in Docker's words, with
     * "Successfully built" at last. Invalid for what is wrong with the order, the context or the
     * Dockerfile.
     *
     * @param archive the context as a tar archive, compressed or not; null when the order says
     *     where to fetch it, or nothing of it is needed. It is read first, and not after this
     *     returns
     * @param bases where images come from that are not here
     * @throws InterruptedException when the thread is interrupted: the build has ended then, and
     *     its containers are gone
     */
    public BuildOutcome build(
            BuildOrder order,
            @Nullable InputStream archive,
            BaseImages bases,
            BuildListener listener)
            throws InterruptedException {
        try (ContextFolder context = ContextFolder.make(parts.contexts());
                Lease lease = content.lease();
                LayerHold layers = parts.snapshots().hold()) {
            byte[] text = open(order, archive, context, listener);
            var build =
                    new Build(
                            parts,
                            order,
                            Dockerfile.parse(text),
                            context,
                            bases,
                            listener,
                            new Holds(lease, layers));
            ImageState state = build.run();
            keep(state, order.names(), lease);
            listener.text("Successfully built " + state.id().hex().substring(0, SHORT) + "\n");
            for (ImageName name : order.names()) {
                listener.text("Successfully tagged " + name.withDefaultTag().familiar() + "\n");
            }
            return new BuildOutcome.Built(state.id());
        } catch (CommandFailure e) {
            return new BuildOutcome.CommandFailed(String.valueOf(e.getMessage()), e.code());
        } catch (IOException e) {
            throw new Failure.HostRefused("build: " + e.getMessage(), e);
        }
    }

    private static byte[] open(
            BuildOrder order,
            @Nullable InputStream archive,
            ContextFolder context,
            BuildListener listener)
            throws IOException {
        if (!order.remote().isEmpty()) {
            return fetch(order, context, listener);
        }
        if (archive != null) {
            context.take(archive);
        }
        String text = order.text();
        return text == null
                ? context.dockerfile(order.dockerfile())
                : text.getBytes(StandardCharsets.UTF_8);
    }

    /** As Docker: what is text is the Dockerfile, all else an archive. */
    private static byte[] fetch(BuildOrder order, ContextFolder context, BuildListener listener)
            throws IOException {
        String remote = order.remote();
        String lower = remote.toLowerCase(Locale.ROOT);
        boolean address = lower.startsWith("http://") || lower.startsWith("https://");
        String path = lower.replaceFirst("#.*", "");
        if (!address || path.endsWith(".git")) {
            throw new Failure.Unsupported(
                    "build context \""
                            + Printable.of(remote)
                            + "\": repositories are not fetched, want an http(s) address of a"
                            + " Dockerfile or an archive");
        }
        try (ContextFolder place = ContextFolder.make(context.folder().resolveSibling(""))) {
            RemoteFile.Fetched file = RemoteFile.fetch(remote, place.folder(), "", listener);
            if (file.type().startsWith("text/plain")) {
                byte[] text = Files.readAllBytes(file.file());
                context.put("Dockerfile", new String(text, StandardCharsets.UTF_8));
                return text;
            }
            try (InputStream in = Files.newInputStream(file.file())) {
                context.take(in);
            }
            return context.dockerfile(order.dockerfile());
        }
    }

    /** Gives it the names; one without keeps it nameless, as Docker. */
    private void keep(ImageState state, List<ImageName> names, Lease lease)
            throws InterruptedException {
        Image image = state.base() == null ? store(state, lease) : state.base();
        for (ImageName name : names) {
            images.put(name, image.target());
            events.told("tag", image.target().digest(), name);
        }
        if (names.isEmpty() && state.base() == null) {
            images.putNameless(image.target());
        }
    }

    private Image store(ImageState state, Lease lease) throws InterruptedException {
        Image image = state.image();
        put(lease, image.manifest().config(), state.configText());
        put(lease, image.target(), image.manifest().json());
        return image;
    }

    private void put(Lease lease, ContentDescriptor descriptor, byte[] text)
            throws InterruptedException {
        lease.retain(descriptor.digest());
        content.put(descriptor, text);
    }

    /** What is kept of steps. */
    public List<BuildCache.Shown> cache() {
        return parts.cache().list();
    }

    /** What caches of RUN take, in bytes. */
    public long mountBytes() {
        return parts.mounts().bytes();
    }

    /**
     * What was removed.
     *
     * @param entries of the cache
     * @param bytes that are free now
     */
    public record Pruned(List<Digest> entries, long bytes) {}

    /**
     * Removes what is kept of steps. Safe beside builds, which keep what they work with.
     *
     * @param all whether that goes too which images stand on
     * @param before only what was last used before
     */
    public Pruned prune(boolean all, Instant before) {
        Instant now = parts.clock().instant();
        var gone = new ArrayList<>(parts.cache().forget(before, all ? Set.of() : kept()));
        long freed = parts.mounts().prune(before, gone);
        return new Pruned(List.copyOf(gone), freed + reclaim.sweep(now));
    }

    /**
     * Forgets what is kept of steps that no image stands on, as image prune does it; whoever calls
     * this collects what nothing needs then.
     */
    public void forgetUnneeded() {
        parts.cache().forget(Instant.MAX, kept());
    }

    private Set<List<Digest>> kept() {
        var kept = new HashSet<List<Digest>>();
        var reader = new ImageReader(content);
        for (StoredImage image : images.list()) {
            for (ImageManifest manifest : reader.manifests(image.target())) {
                try {
                    kept.add(reader.diffIds(manifest));
                } catch (Failure e) {
                    // not here, or no image that could be unpacked
                }
            }
        }
        return kept;
    }
}
