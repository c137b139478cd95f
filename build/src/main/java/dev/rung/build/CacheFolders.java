package dev.rung.build;

import dev.rung.build.dockerfile.RunMount;
import dev.rung.build.dockerfile.RunMount.Sharing;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.snapshot.Usage;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Folders that RUN --mount=type=cache keeps from build to build, each named by a digest of its id.
 * Who uses which is known to this engine alone: no other one works in them.
 */
final class CacheFolders {
    private static final int USUAL_MODE = 0755;

    private final Path parent;
    private final Map<String, Use> used = new HashMap<>(); // by folder; guarded by this

    private static final class Use {
        private int users;
        private boolean alone;
    }

    CacheFolders(Path parent) {
        this.parent = parent;
    }

    /** One that is in use until it is closed. */
    record Taken(CacheFolders all, Path folder) implements AutoCloseable {
        @Override
        public void close() {
            all.release(folder.getFileName().toString());
        }
    }

    /**
     * Takes the folder of a mount, made where it is missing; waits where it is another's alone.
     *
     * @param fill puts into a new one what it is to begin with
     */
    Taken take(RunMount mount, Consumer<Fd> fill) throws InterruptedException {
        String id = mount.id().isEmpty() ? DestinationPath.join("/", mount.target()) : mount.id();
        String name = new StepKey().add(id).done().hex();
        String taken = mount.sharing() == Sharing.PRIVATE ? firstFree(name) : name;
        acquire(taken, mount.sharing() == Sharing.LOCKED);
        boolean done = false;
        try {
            Path folder = parent.resolve(taken);
            if (!Files.isDirectory(folder)) {
                make(folder, mount, fill);
            }
            Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
            done = true;
            return new Taken(this, folder);
        } catch (IOException e) {
            throw new Failure.HostRefused("make a cache for RUN: " + e.getMessage(), e);
        } finally {
            if (!done) {
                release(taken);
            }
        }
    }

    /** Private ones are as many as are used at once. */
    private synchronized String firstFree(String name) {
        String free = name;
        for (int i = 1; used.containsKey(free); i++) {
            free = name + "." + i;
        }
        return free;
    }

    private synchronized void acquire(String name, boolean alone) throws InterruptedException {
        while (true) {
            Use use = used.computeIfAbsent(name, absent -> new Use());
            if (!use.alone && (use.users == 0 || !alone)) {
                use.users++;
                use.alone = alone;
                return;
            }
            wait();
        }
    }

    private synchronized void release(String name) {
        Use use = used.get(name);
        if (use != null) {
            use.users--;
            use.alone = false;
            if (use.users == 0) {
                used.remove(name);
            }
        }
        notifyAll();
    }

    /** Under another name first, so that nobody takes one that is not filled. */
    private void make(Path folder, RunMount mount, Consumer<Fd> fill) throws IOException {
        Path made = Files.createTempDirectory(parent, "new-");
        try (var calls = new FileCalls();
                Fd open =
                        Paths.open(null, KernelPath.of(made.toString()), Paths.O_DIRECTORY, 0, 0)) {
            fill.accept(open);
            Integer mode = mount.mode();
            calls.changeOwner(open, mount.uid(), mount.gid());
            calls.changeMode(open, mode == null ? USUAL_MODE : mode);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("make a cache for RUN: " + e.getMessage(), e);
        }
        try {
            Files.move(made, folder);
        } catch (IOException e) {
            ContextFolder.remove(made);
            if (!Files.isDirectory(folder)) { // else another user of it was quicker
                throw e;
            }
        }
    }

    /** Removes those that nobody uses and that were last used before a time; their bytes. */
    synchronized long prune(Instant before, List<Digest> gone) {
        long freed = 0;
        for (Path folder : folders()) {
            String name = folder.getFileName().toString();
            try {
                boolean old = Files.getLastModifiedTime(folder).toInstant().isBefore(before);
                if (used.containsKey(name) || !old) {
                    continue;
                }
            } catch (IOException e) {
                continue; // gone meanwhile
            }
            freed += Usage.of(folder).bytes();
            ContextFolder.remove(folder);
            if (Digest.isLowerHex(name)) {
                gone.add(new Digest(Digest.Algorithm.SHA256, name));
            }
        }
        return freed;
    }

    /** What all of them take, in bytes. */
    long bytes() {
        long bytes = 0;
        for (Path folder : folders()) {
            bytes += Usage.of(folder).bytes();
        }
        return bytes;
    }

    private List<Path> folders() {
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent)) {
            folders.forEach(all::add);
        } catch (IOException e) {
            throw new Failure.HostRefused("list \"" + parent + "\": " + e.getMessage(), e);
        }
        return all;
    }

    /** Makes a folder that only the engine enters, where it is missing. */
    static Path ownFolder(Path folder) {
        try {
            return Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new Failure.HostRefused("make \"" + folder + "\": " + e.getMessage(), e);
        }
    }
}
