package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.engine.monitor.ContainerFolders;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.RecordFolder;
import dev.rung.host.compile.RestoredRights;
import dev.rung.host.criu.CriuImages;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.layer.LayerFiles;
import dev.rung.oci.RuntimeConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of containers, in Docker's words: a folder of images for each, among the container's
 * files or wherever somebody wants it.
 */
public final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final String NAMES = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
    private static final String FOLDER = "checkpoints";
    private static final String WORK = "criu";
    private static final String LENT = "criu-images";
    private static final String ADOPTED = "adopted";
    private static final String COMPLETE = "images"; // below ADOPTED
    private static final String SPENT = "adopted.old";
    private static final long END_SECONDS = 30;

    private final EngineFolders folders;
    private final Registry registry;
    private final ImageStore imageStore;
    private final ContainerRoots roots;
    private final RecordFolder records;
    private final RunPreparation preparation;
    private final Lifecycle lifecycle;
    private final Events events;

    Checkpoints(
            EngineFolders folders,
            Registry registry,
            ImageStore imageStore,
            ContainerRoots roots,
            RecordFolder records,
            RunPreparation preparation,
            Lifecycle lifecycle,
            Events events) {
        this.folders = folders;
        this.registry = registry;
        this.imageStore = imageStore;
        this.roots = roots;
        this.records = records;
        this.preparation = preparation;
        this.lifecycle = lifecycle;
        this.events = events;
    }

    /**
     * Writes a container that runs to images.
     *
     * @param folder that holds checkpoints, null: the container's own
     * @param ends whether the container ends then, as by a stop
     */
    public void create(String name, String checkpoint, @Nullable Path folder, boolean ends) {
        Container container = registry.find(name);
        CompletableFuture<Integer> ended = container.ended();
        container.lock.lock();
        try {
            if (!container.phase().runs()) {
                throw new Failure.WrongState("container " + container.id() + " is not running");
            }
            if (container.rootOutside() != 0) {
                throw new Failure.Unsupported(
                        "criu cannot restore container "
                                + name
                                + ", which has a user namespace: make it with --userns=host");
            }
            dump(container, name, checked(checkpoint), folder, ends);
            events.container(container.record(), "checkpoint");
        } finally {
            container.lock.unlock();
        }
        if (ends) {
            await(container, ended);
        }
    }

    private void dump(
            Container container,
            String name,
            String checkpoint,
            @Nullable Path folder,
            boolean ends) {
        Path images = folder(container, folder).resolve(checkpoint);
        String doing = "Cannot checkpoint container " + name + ": ";
        if (Files.exists(images)) {
            throw new Failure.AlreadyExists(
                    doing
                            + "checkpoint with name "
                            + checkpoint
                            + " already exists for container "
                            + name);
        }
        ContainerRecord before = container.record();
        try {
            if (ends && !before.stopped()) {
                container.record(before.stoppedByPerson()); // what starts it again is a checkpoint
                records.write(container.record(), true);
            }
            lifecycle.runtime(container).checkpoint(container.id(), images, work(container), !ends);
        } catch (Failure e) {
            Lifecycle.removeFolder(images);
            if (ends) {
                container.record(before);
                records.write(before, true);
            }
            throw new Failure.HostRefused(doing + e.getMessage(), e);
        }
    }

    private static void await(Container container, CompletableFuture<Integer> ended) {
        try {
            ended.get(END_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new Failure.Unavailable("container " + container.id() + " does not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }

    /**
     * What a container that goes on was written to.
     *
     * @param images folder of the images
     * @param work folder of the log
     * @param config its config.json
     */
    public record Images(Path images, Path work, Path config) {}

    /** Makes something of images, which are gone afterwards. */
    public interface Use {
        void of(Images images) throws IOException;
    }

    /** Writes a container that runs to images for as long as they are used. */
    public void lend(String name, Use use) {
        Container container = registry.find(name);
        ContainerId id = container.id();
        Path images = container.folders.durable().resolve(LENT);
        container.lock.lock();
        try {
            if (!container.phase().runs()) {
                throw new Failure.WrongState("container " + id + " is not running");
            }
            Lifecycle.removeFolder(images); // of an engine that was killed
            lifecycle.runtime(container).checkpoint(id, images, work(container), true);
            events.container(container.record(), "checkpoint");
            use.of(new Images(images, work(container), folders.bundle(id).resolve("config.json")));
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "write the checkpoint of " + id + ": " + e.getMessage(), e);
        } finally {
            try {
                Lifecycle.removeFolder(images);
            } finally {
                container.lock.unlock();
            }
        }
    }

    /** What another container was written to. */
    public interface Legacy {
        /**
         * Puts the images into a folder.
         *
         * @return archives of what the other changed of its image, in the same folder; see {@link
         *     ContainerRoots#stack}
         */
        List<Path> unpack(Path folder) throws IOException;
    }

    /**
     * Has a container that was never started go on where another of the same image was, once it is
     * started. One that this fails for is of no use. Denied when the images would give processes
     * more rights than the container has.
     */
    public void adopt(String name, Legacy legacy) {
        Container container = registry.find(name);
        Path adopted = container.folders.durable().resolve(ADOPTED);
        Path folder = adopted.resolve("new");
        container.lock.lock();
        try {
            if (container.phase() != Phase.CREATED || container.record().started() != null) {
                throw new Failure.WrongState("container " + name + " was started before");
            }
            Files.createDirectory(
                    adopted,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            Files.createDirectory(folder);
            List<Path> layers = legacy.unpack(folder);
            RestoredRights.check(
                    RuntimeConfig.of(preparation.preview(container)),
                    CriuImages.read(folder),
                    path -> Files.exists(Path.of(path)));
            Image image = imageStore.resolve(container.record().image(), Platform.host());
            roots.stack(container.id(), image, layers);
            for (Path layer : layers) {
                Files.delete(layer);
            }
            Files.move(folder, adopted.resolve(COMPLETE));
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "make container " + name + " of a checkpoint: " + e.getMessage(), e);
        } finally {
            container.lock.unlock();
        }
    }

    /** Reads files of an image that holds a checkpoint. */
    public <T> T read(Image image, Function<LayerFiles, T> use) {
        return roots.read(image, use);
    }

    /** What a container goes on from at its start; null: nothing, it begins. */
    static @Nullable Path adopted(Container container) {
        Path adopted = container.folders.durable().resolve(ADOPTED);
        if (!Files.exists(adopted)) {
            return null;
        }
        Path images = adopted.resolve(COMPLETE);
        if (!Files.isDirectory(images)) {
            throw new Failure.WrongState(
                    "container "
                            + container.id()
                            + " was being made of a checkpoint when the engine ended: remove it");
        }
        return images;
    }

    /** Has the next start be one like others. */
    static void forgetAdopted(Container container) {
        Path durable = container.folders.durable();
        Path spent = durable.resolve(SPENT);
        try {
            Files.move(durable.resolve(ADOPTED), spent);
        } catch (IOException e) {
            throw new Failure.HostRefused("remove \"" + spent + "\": " + e.getMessage(), e);
        }
        Lifecycle.removeFolder(spent);
    }

    /** The names of a container's checkpoints. */
    public List<String> list(String name, @Nullable Path folder) {
        Path all = folder(registry.find(name), folder);
        var names = new ArrayList<String>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(all, Files::isDirectory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NoSuchFileException _) {
            return List.of(); // there were none yet
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + all + "\": " + e.getMessage(), e);
        }
        names.sort(null);
        return names;
    }

    /** Deletes a checkpoint. */
    public void remove(String name, String checkpoint, @Nullable Path folder) {
        Lifecycle.removeFolder(images(registry.find(name), name, checkpoint, folder));
    }

    /**
     * Starts a container that does not run where a checkpoint left it.
     *
     * @param created called once it runs, such as to attach to it
     * @return false when it runs already
     */
    public boolean start(
            String name,
            String checkpoint,
            @Nullable Path folder,
            Consumer<ContainerFolders> created) {
        Container container = registry.find(name);
        Path images = images(container, name, checkpoint, folder);
        return lifecycle.start(container, 0, images, created);
    }

    private static Path images(
            Container container, String name, String checkpoint, @Nullable Path folder) {
        Path images = folder(container, folder).resolve(checked(checkpoint));
        if (!Files.isDirectory(images)) {
            throw new Failure.NotFound(
                    "checkpoint " + checkpoint + " does not exist for container " + name);
        }
        return images;
    }

    private static String checked(String checkpoint) {
        if (!NAME.matcher(checkpoint).matches()) {
            throw new Failure.Invalid(
                    "Invalid checkpoint ID ("
                            + Printable.of(checkpoint)
                            + "), only "
                            + NAMES
                            + " are allowed");
        }
        return checkpoint;
    }

    private static Path folder(Container container, @Nullable Path folder) {
        return folder == null ? container.folders.durable().resolve(FOLDER) : folder;
    }

    /** Where criu's logs stay, also that of a checkpoint which came to nothing. */
    private static Path work(Container container) {
        return container.folders.durable().resolve(WORK);
    }

    /** What a runtime is told of a restore. */
    static List<String> restoring(Container container, Path images) {
        return List.of("--image-path=" + images, "--work-path=" + work(container));
    }
}
