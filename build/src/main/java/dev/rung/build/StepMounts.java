package dev.rung.build;

import dev.rung.build.dockerfile.RunMount;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.engine.files.TreeCopy;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.MountOption.Recursion;
import dev.rung.image.snapshot.Rootfs;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.Mounts;
import dev.rung.linux.Mounts.Option;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is mounted for one RUN. What of a source is meant is opened below its root when it is
 * mounted, and mounted by that descriptor, so that nobody who may write to the source can turn it
 * elsewhere (CVE-2024-23651). The mount points are left out of the layer by their names, and
 * nothing is removed by a path (CVE-2024-23652).
 */
final class StepMounts implements AutoCloseable {
    private static final int SECRET_MODE = 0400;
    private static final int SCRIPT_MODE = 0755;
    private static final String SECRETS = "/run/secrets/";

    private final BuildParts parts;
    private final Path place;
    private final List<MountOption> options = new ArrayList<>();
    private final List<String> environment = new ArrayList<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private int count;

    /** The files of a stage or an image, by name. */
    interface Stages {
        ImageState find(String name) throws InterruptedException;
    }

    StepMounts(BuildParts parts) {
        this.parts = parts;
        place = parts.running().resolve(parts.freshId().value());
    }

    List<MountOption> options() {
        return options;
    }

    /** Variables with secrets. */
    List<String> environment() {
        return environment;
    }

    /** Relative paths of the mount points. */
    Set<KernelPath> marks() {
        var marks = new HashSet<KernelPath>();
        for (MountOption option : options) {
            List<String> target = DestinationPath.parts(option.target());
            marks.add(KernelPath.of(RawText.encode(String.join("/", target))));
        }
        return marks;
    }

    /** Mounts one; relative targets begin at the folder. */
    void add(
            RunMount mount,
            String workingDir,
            ContextFolder context,
            Stages stages,
            Map<String, byte[]> secrets)
            throws InterruptedException {
        String target = DestinationPath.join(workingDir, mount.target());
        switch (mount.type()) {
            case TMPFS -> tmpfs(mount, target);
            case CACHE -> cache(mount, target, stages);
            case SECRET -> secret(mount, secrets);
            case SSH ->
                    throw new Failure.Unsupported(
                            "RUN --mount=type=ssh: there are no keys here, use a secret");
            case BIND -> {
                Path source =
                        mount.from().isEmpty()
                                ? context(mount, context)
                                : stage(stages.find(mount.from()));
                bind(source, mount.source(), target, mount.readOnly());
            }
        }
    }

    private void tmpfs(RunMount mount, String target) {
        List<String> size =
                mount.sizeLimit() == 0 ? List.of() : List.of("size=" + mount.sizeLimit());
        add(MountOption.Type.TMPFS, "", target, mount.readOnly(), size, "");
    }

    private void bind(Path source, String subpath, String target, boolean readOnly) {
        String below = String.join("/", DestinationPath.parts(subpath));
        add(MountOption.Type.BIND, source.toString(), target, readOnly, List.of(), below);
    }

    private void add(
            MountOption.Type type,
            String source,
            String target,
            boolean readOnly,
            List<String> tmpfs,
            String subpath) {
        options.add(
                new MountOption(
                        type,
                        source,
                        target,
                        readOnly,
                        "",
                        tmpfs,
                        false,
                        false,
                        Recursion.ENABLED,
                        subpath,
                        Map.of(),
                        Map.of()));
    }

    /** What is written to it is of this step alone. */
    private Path context(RunMount mount, ContextFolder context) {
        if (mount.readOnly()) {
            return context.folder();
        }
        Path writable = nextPlace();
        try {
            Path upper = Files.createDirectory(writable.resolve("upper"));
            Path work = Files.createDirectory(writable.resolve("work"));
            Path shown = Files.createDirectory(writable.resolve("shown"));
            new Rootfs.Overlay(List.of(context.folder()), upper, work, false).mountOn(shown);
            open.push(() -> Rootfs.unmount(shown));
            return shown;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Path stage(ImageState state) {
        StepRoot root = parts.root(state);
        open.push(root);
        return root.mount();
    }

    private void cache(RunMount mount, String target, Stages stages) throws InterruptedException {
        ImageState from = mount.from().isEmpty() ? null : stages.find(mount.from());
        CacheFolders.Taken taken =
                parts.mounts()
                        .take(
                                mount,
                                folder -> {
                                    if (from != null) {
                                        fill(folder, from, mount.source());
                                    }
                                });
        open.push(taken);
        String subpath = from == null ? mount.source() : "";
        bind(taken.folder(), subpath, target, mount.readOnly());
    }

    private void fill(Fd folder, ImageState from, String path) {
        try (StepRoot root = parts.root(from);
                var tree = new FileTree(root.open());
                Fd source = tree.open(path);
                var copy = new TreeCopy(TreeCopy.Owners.SAME)) {
            if (source == null) {
                throw new Failure.NotFound(
                        "\"" + Printable.of(path) + "\": no such file or directory");
            }
            copy.content(source, folder);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("fill a cache for RUN: " + e.getMessage(), e);
        }
    }

    private void secret(RunMount mount, Map<String, byte[]> secrets) {
        String id = mount.id().isEmpty() ? mount.source() : mount.id();
        if (id.isEmpty()) {
            id = mount.target().substring(mount.target().lastIndexOf('/') + 1);
        }
        byte[] value = secrets.get(id);
        if (value == null) {
            if (mount.required()) {
                throw new Failure.NotFound("secret " + Printable.of(id) + ": not found");
            }
            return;
        }
        String variable = mount.environment();
        if (variable != null) {
            environment.add((variable.isEmpty() ? id : variable) + "=" + RawText.decode(value));
            if (mount.target().isEmpty()) {
                return;
            }
        }
        String target = mount.target().isEmpty() ? SECRETS + id : mount.target();
        Integer mode = mount.mode();
        Path file = nextInMemory();
        write(file, value, mode == null ? SECRET_MODE : mode, mount.uid(), mount.gid());
        bind(file, "", DestinationPath.join("/", target), true);
    }

    /** A program that stands in the Dockerfile. */
    void script(String target, String text) {
        Path file = nextPlace().resolve("script");
        write(file, RawText.encode(text), SCRIPT_MODE, 0, 0);
        bind(file, "", target, true);
    }

    private static void write(Path file, byte[] content, int mode, int uid, int gid) {
        try (Fd folder =
                        Paths.open(
                                null,
                                KernelPath.of(file.resolveSibling("").toString()),
                                Paths.O_DIRECTORY,
                                0,
                                0);
                var calls = new FileCalls();
                Fd made =
                        calls.create(folder, KernelPath.of(file.getFileName().toString()), 0600)) {
            calls.write(made, content, 0, content.length);
            calls.changeOwner(made, uid, gid);
            calls.changeMode(made, mode);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("write a file for RUN: " + e.getMessage(), e);
        }
    }

    /** Where nothing is written to the disk. */
    private Path nextInMemory() {
        Path folder = nextPlace();
        try (Fd memory = Mounts.make("tmpfs", List.of(new Option("mode", "0700")), 0);
                Fd target =
                        Paths.open(
                                null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0)) {
            Mounts.attach(memory, target);
            open.push(() -> Rootfs.unmount(folder));
            return folder.resolve("secret");
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("keep a secret in memory: " + e.getMessage(), e);
        }
    }

    private Path nextPlace() {
        return CacheFolders.ownFolder(place.resolve(Integer.toString(count++)));
    }

    private static Failure failed(IOException e) {
        return new Failure.HostRefused("mount for RUN: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        Failure failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Failure e) {
                failure = e;
            } catch (Exception e) {
                throw new AssertionError("closing what is mounted throws failures only", e);
            }
        }
        if (Files.exists(place)) {
            ContextFolder.remove(place);
        }
        if (failure != null) {
            throw failure;
        }
    }
}
