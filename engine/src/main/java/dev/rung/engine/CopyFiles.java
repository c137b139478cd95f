package dev.rung.engine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.engine.files.TarInto;
import dev.rung.engine.files.TreeCopy;
import dev.rung.engine.files.TreeCopy.Owners;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileIdentity;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** Copies files out of containers and into them, whether they run or not. */
public final class CopyFiles {
    private static final int O_PATH = 0x200000;
    private static final KernelPath NONE = KernelPath.of("");

    private final Registry registry;
    private final ContainerRoots roots;
    private final RunMounts mounts;
    private final Events events;

    CopyFiles(Registry registry, ContainerRoots roots, RunMounts mounts, Events events) {
        this.registry = registry;
        this.roots = roots;
        this.mounts = mounts;
        this.events = events;
    }

    /**
     * How files are copied.
     *
     * @param follows whether a link that is named stands for what it points to
     * @param keepsOwners whether they keep the numbers of their owners; else they are the person's
     *     outside, and root's in a container
     * @param uid of the person
     * @param gid of the person
     */
    public record Way(boolean follows, boolean keepsOwners, int uid, int gid) {}

    /** Out of a container; the target is a path of the other side. */
    public void out(String name, String path, FileSide side, String target, Way way) {
        Container container = registry.find(name);
        events.container(container.record(), "archive-path");
        try (ContainerTree tree = ContainerTree.open(container, roots, mounts);
                var copy = new TreeCopy(outside(way, tree))) {
            new FileCopy(tree, side, copy).run(absolute(path), target, way.follows);
        }
    }

    private static Owners outside(Way way, ContainerTree tree) {
        return way.keepsOwners ? Owners.shifted(-tree.shift()) : Owners.person(way.uid, way.gid);
    }

    /** Into a container; the source is a path of the other side. */
    public void in(String name, String path, FileSide side, String source, Way way) {
        Container container = registry.find(name);
        try (ContainerTree tree = ContainerTree.open(container, roots, mounts)) {
            int root = tree.shift();
            Owners owners = way.keepsOwners ? Owners.shifted(root) : Owners.only(root, root);
            FileIdentity.as(
                    root,
                    () -> {
                        try (var copy = new TreeCopy(owners)) {
                            var files = new FileCopy(side, tree, copy);
                            files.run(source, absolute(path), way.follows);
                        }
                    });
        } catch (ErrnoException e) {
            throw refused(path, e);
        }
        events.container(container.record(), "extract-to-dir", Map.of("path", path));
    }

    /** Paths in a container are below its root, whether they begin with a slash or not. */
    private static String absolute(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    /** Out of a container as a tar archive. */
    public void archive(String name, String path, boolean follows, OutputStream out)
            throws IOException {
        Container container = registry.find(name);
        events.container(container.record(), "archive-path");
        try (ContainerTree tree = ContainerTree.open(container, roots, mounts)) {
            TreeTar.write(tree, absolute(path), follows, out);
        } catch (ErrnoException e) {
            throw refused(path, e);
        }
    }

    /** What is at a path; a link itself, unless a slash follows. NotFound when there is nothing. */
    public PathStatus status(String name, String path) {
        Container container = registry.find(name);
        FileCopy.Named what = FileCopy.Named.of(absolute(path));
        int flags = what.folder() ? O_PATH : O_PATH | Paths.O_NOFOLLOW;
        try (ContainerTree tree = ContainerTree.open(container, roots, mounts);
                Fd item = tree.open(what.kernelPath(), flags)) {
            FileStatus file = Descriptors.status(item);
            boolean link = file.is(FileStatus.Type.LINK);
            String target = link ? Paths.readLink(item, NONE).toString() : "";
            return new PathStatus(what.last(), file, target);
        } catch (ErrnoException e) {
            throw refused(path, e);
        }
    }

    /** What is in a tar archive into a folder of a container. */
    public void extract(String name, String path, InputStream in) throws IOException {
        Container container = registry.find(name);
        try (ContainerTree tree = ContainerTree.open(container, roots, mounts);
                Fd folder = tree.open(KernelPath.of(absolute(path)), Paths.O_DIRECTORY)) {
            extract(in, folder, tree.shift());
        } catch (ErrnoException e) {
            throw refused(path, e);
        }
        events.container(container.record(), "extract-to-dir", Map.of("path", path));
    }

    private static void extract(InputStream in, Fd folder, int root)
            throws IOException, ErrnoException {
        FileIdentity.<IOException>as(
                root,
                () -> {
                    try (var tar = new TarInto(in, folder, root)) {
                        tar.run();
                    } catch (ErrnoException e) {
                        throw new Failure.HostRefused("copy: " + e.getMessage(), e);
                    }
                });
    }

    private static Failure refused(String path, ErrnoException e) {
        return switch (e.errno()) {
            case Errno.ENOENT ->
                    new Failure.NotFound(
                            "Could not find the file " + Printable.of(path) + " in the container");
            case Errno.ENOTDIR ->
                    new Failure.Invalid(
                            "destination \"" + Printable.of(path) + "\" must be a directory");
            default -> new Failure.HostRefused("copy: " + e.getMessage(), e);
        };
    }
}
