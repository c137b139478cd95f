package dev.rung.image.snapshot;

import dev.rung.domain.Digest;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.Change;
import dev.rung.image.layer.LayerDiff;
import dev.rung.image.layer.LayerFiles;
import dev.rung.image.layer.LayerStack;
import dev.rung.image.layer.MergedArchive;
import dev.rung.image.layer.Removal;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.unpack.Unpacking;
import dev.rung.image.unpack.UnpackingHere;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.IdMap;
import dev.rung.linux.Identity;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Unpacked layers and containers' writable folders, in a folder of our own:
 *
 * <pre>
 * layers/HEX           one unpacked layer, named by its chain: what lies below it counts too
 * layers/new-…         layers that are being unpacked; swept when the store is opened
 * containers/KEY/      upper and work of an overlay, or root, a copy; layers, the chain it stands on
 * </pre>
 *
 * All methods may be called by several threads at once, but for one container by one.
 */
public final class SnapshotStore {
    private static final int LONGEST_KEY = 128;
    private static final String GONE = "new-gone-";

    private final Path layers;
    private final Path containers;
    private final SnapshotKind kind;
    private final Unpacking.Source unpacking;
    private final Set<LayerHold> holds = new HashSet<>(); // guarded by itself
    private final Semaphore collecting = new Semaphore(1);

    private SnapshotStore(Path folder, SnapshotKind kind, Unpacking.Source unpacking) {
        this.layers = folder.resolve("layers");
        this.containers = folder.resolve("containers");
        this.kind = kind;
        this.unpacking = unpacking;
    }

    /**
     * Opens or makes the store, and removes what an end in the middle has left. Only one process at
     * a time may have it open. What unpacks layers is asked for once an intake.
     */
    public static SnapshotStore open(Path folder, SnapshotKind kind, Unpacking.Source unpacking) {
        var store = new SnapshotStore(folder, kind, unpacking);
        try {
            Files.createDirectories(store.layers);
            Files.createDirectories(store.containers);
            store.sweep(store.layers);
            store.sweep(store.containers);
            return store;
        } catch (IOException e) {
            throw failure("open the snapshots in \"" + folder + "\"", e);
        }
    }

    /** The chain ids of layers, the lowest first (image-spec config.md "Layer ChainID"). */
    public static List<Digest> chain(List<Digest> diffIds) {
        var chain = new ArrayList<Digest>();
        for (Digest diffId : diffIds) {
            chain.add(
                    chain.isEmpty()
                            ? diffId
                            : Digest.sha256(
                                    (chain.getLast() + " " + diffId)
                                            .getBytes(StandardCharsets.US_ASCII)));
        }
        return chain;
    }

    /** Whether the layer of that chain id is here, and all below it. */
    public boolean contains(Digest chainId) {
        return Files.isDirectory(folder(chainId));
    }

    /** The chain ids of all layers that are here. */
    public List<Digest> list() {
        var all = new ArrayList<Digest>();
        for (Path folder : children(layers)) {
            String name = folder.getFileName().toString();
            if (Digest.isLowerHex(name)) {
                all.add(new Digest(Digest.Algorithm.SHA256, name));
            }
        }
        return all;
    }

    /** Takes layers in while they come, several at once. */
    public LayerIntake intake(UnpackLimits limits) {
        return new LayerIntake(this, limits, unpacking.open());
    }

    /**
     * The same for layers that this process has packed itself, of folders: with an archive of our
     * own writing nobody can lead its reader astray, so that no other process has to read it.
     */
    public LayerIntake intakeOfOwn(UnpackLimits limits) {
        return new LayerIntake(this, limits, new UnpackingHere());
    }

    /**
     * A container's root file system on the layers with these diff ids, the lowest first. NotFound
     * when one of them is not here; AlreadyExists when the key is taken.
     */
    public Rootfs prepare(String key, List<Digest> diffIds) {
        Path folder = containerFolder(key);
        List<Digest> chain = chain(diffIds);
        if (Files.exists(folder)) {
            throw new Failure.AlreadyExists("a root file system of \"" + key + "\" is there");
        }
        Path unfinished = containers.resolve("new-" + key);
        try (LayerHold hold = hold()) {
            for (Digest chainId : chain) {
                hold.retain(chainId);
                if (!contains(chainId)) {
                    throw new Failure.NotFound("no such layer: " + chainId);
                }
            }
            remove(containers, unfinished.getFileName().toString());
            try {
                fill(unfinished, chain);
                Files.move(unfinished, folder);
            } catch (IOException | Failure e) {
                takeBack(unfinished, e);
                throw e;
            }
            return rootfs(folder, chain);
        } catch (IOException e) {
            throw failure("prepare a root file system of \"" + key + "\"", e);
        }
    }

    private void fill(Path unfinished, List<Digest> chain) throws IOException {
        Files.createDirectory(unfinished);
        var preparation = new Preparation(unfinished, lowers(chain));
        switch (kind) {
            case OVERLAY, USER_OVERLAY -> preparation.overlay();
            case COPY -> preparation.copy();
        }
        writeChain(unfinished, chain);
    }

    /** A disk that is full is to be no fuller. */
    private void takeBack(Path unfinished, Exception why) {
        try {
            remove(containers, unfinished.getFileName().toString());
        } catch (Failure e) {
            why.addSuppressed(e); // it is removed with what is left over
        }
    }

    /** What was prepared; NotFound when nothing was. */
    public Rootfs find(String key) {
        return rootfs(containerFolder(key), readChain(key));
    }

    /** The chain ids that a container stands on; they may not be collected. */
    public List<Digest> chainOf(String key) {
        return readChain(key);
    }

    /** Removes what a container wrote. Its mount must be gone; nothing to remove is well too. */
    public void remove(String key) {
        containerFolder(key);
        remove(containers, key);
    }

    /** The keys that have a root file system here. */
    public List<String> containers() {
        var keys = new ArrayList<String>();
        for (Path folder : children(containers)) {
            String name = folder.getFileName().toString();
            if (!name.startsWith("new-")) {
                keys.add(name);
            }
        }
        return keys;
    }

    /** What the container changed, sorted by path. It may still run. */
    public List<Change> changes(String key) {
        return changes(key, Set.of());
    }

    /** The same without what was made to mount something on. */
    public List<Change> changes(String key, Set<KernelPath> marks) {
        try (LayerStack below = LayerStack.open(lowers(readChain(key)));
                Fd top = open(top(key))) {
            return LayerDiff.changes(top, form(key), below, marks);
        }
    }

    /** Writes what the container changed as the archive of a layer, not compressed. */
    public void writeLayer(String key, OutputStream out) throws IOException {
        writeLayer(key, Set.of(), out);
    }

    /** The same without what was made to mount something on. */
    public void writeLayer(String key, Set<KernelPath> marks, OutputStream out) throws IOException {
        try (LayerStack below = LayerStack.open(lowers(readChain(key)));
                Fd top = open(top(key))) {
            LayerDiff.write(top, form(key), below, marks, out);
        }
    }

    /**
     * Writes all files of a container that does not run as the archive of one layer, not
     * compressed. Of one that runs, {@link LayerDiff#writeAll} writes what its mount shows.
     */
    public void writeAll(String key, OutputStream out) throws IOException {
        switch (find(key)) {
            case Rootfs.Copy(Path folder) -> {
                try (Fd root = open(folder)) {
                    LayerDiff.writeAll(root, out);
                }
            }
            case Rootfs.Overlay overlay -> {
                var folders = new ArrayList<Path>();
                folders.add(overlay.upper());
                folders.addAll(overlay.lowers());
                try (LayerStack stack = LayerStack.open(folders)) {
                    MergedArchive.write(stack, out);
                }
            }
        }
    }

    /**
     * Reads files of layers that are not collected meanwhile. NotFound when one of them is not
     * here.
     *
     * @param named what failures call them
     * @param diffIds the lowest first
     */
    public <T> T read(String named, List<Digest> diffIds, Function<LayerFiles, T> use) {
        List<Digest> chain = chain(diffIds);
        try (LayerHold hold = hold()) {
            for (Digest chainId : chain) {
                hold.retain(chainId);
                if (!contains(chainId)) {
                    throw new Failure.NotFound("no such layer: " + chainId);
                }
            }
            try (var files = new LayerFiles(named, LayerStack.open(lowers(chain)))) {
                return use.apply(files);
            }
        }
    }

    /** What the container's own files take on the disk. */
    public Usage usage(String key) {
        return Usage.of(top(key));
    }

    /** What a layer takes on the disk. */
    public Usage usage(Digest chainId) {
        return Usage.of(folder(chainId));
    }

    /**
     * Removes all layers but these, those that containers stand on, and those that somebody takes
     * in or makes a container of just now; how many bytes they took. What is used is asked for once
     * nobody can end such work without its outcome being seen.
     */
    public long collect(Supplier<Set<Digest>> used) {
        var gone = new ArrayList<String>();
        collecting.acquireUninterruptibly();
        try {
            var kept = new HashSet<>(used.get());
            for (String key : containers()) {
                kept.addAll(chainOrNone(key));
            }
            for (Digest chainId : list()) {
                if (!kept.contains(chainId) && setAsideUnlessHeld(chainId)) {
                    gone.add(GONE + chainId.hex());
                }
            }
        } finally {
            collecting.release();
        }
        long freed = 0;
        for (String name : gone) {
            freed += Usage.of(layers.resolve(name)).bytes();
            remove(layers, name);
        }
        return freed;
    }

    /** None of a container that is being removed. */
    private List<Digest> chainOrNone(String key) {
        try {
            return readChain(key);
        } catch (Failure.NotFound e) {
            return List.of();
        }
    }

    private boolean setAsideUnlessHeld(Digest chainId) {
        synchronized (holds) {
            for (LayerHold hold : holds) {
                if (hold.holds(chainId)) {
                    return false;
                }
            }
            return setAside(layers, chainId.hex());
        }
    }

    /** What it retains is not collected before it is closed. */
    public LayerHold hold() {
        var hold = new LayerHold(this);
        synchronized (holds) {
            holds.add(hold);
        }
        return hold;
    }

    void retain(LayerHold hold, Digest chainId) {
        synchronized (holds) {
            hold.add(chainId);
        }
    }

    void end(LayerHold hold) {
        collecting.acquireUninterruptibly();
        try {
            synchronized (holds) {
                holds.remove(hold);
            }
        } finally {
            collecting.release();
        }
    }

    Path layers() {
        return layers;
    }

    Path folder(Digest chainId) {
        return layers.resolve(chainId.hex());
    }

    boolean usesUserAttributes() {
        return kind != SnapshotKind.OVERLAY;
    }

    /** Not without rights, nor where we are the only user there is. */
    boolean keepsOwners() {
        boolean root = Identity.effectiveUid() == 0;
        return (root || kind != SnapshotKind.USER_OVERLAY) && IdMap.ofUsers().count() > 1;
    }

    /** What a person may want to know of it: names and values. */
    public List<List<String>> facts() {
        String type;
        try {
            type = Files.getFileStore(layers).type();
        } catch (IOException _) {
            type = "unknown";
        }
        if (kind == SnapshotKind.COPY) {
            return List.of(List.of("Backing Filesystem", type));
        }
        return List.of(
                List.of("Backing Filesystem", type.startsWith("ext") ? "extfs" : type),
                List.of("Supports d_type", "true"),
                List.of("Using metacopy", "false"),
                List.of("Native Overlay Diff", "true"),
                List.of("userxattr", Boolean.toString(usesUserAttributes())));
    }

    /** Where the layers of a chain lie, the uppermost first; nobody else is to write there. */
    public List<Path> folders(List<Digest> chain) {
        return lowers(chain);
    }

    /** The folders of a chain, the uppermost first. */
    List<Path> lowers(List<Digest> chain) {
        return chain.reversed().stream().map(this::folder).toList();
    }

    private Rootfs rootfs(Path folder, List<Digest> chain) {
        if (Files.isDirectory(folder.resolve("root"))) {
            return new Rootfs.Copy(folder.resolve("root"));
        }
        return new Rootfs.Overlay(
                chain.isEmpty() ? List.of(folder.resolve("empty")) : lowers(chain),
                folder.resolve("upper"),
                folder.resolve("work"),
                usesUserAttributes());
    }

    private Path top(String key) {
        return switch (find(key)) {
            case Rootfs.Copy copy -> copy.folder();
            case Rootfs.Overlay overlay -> overlay.upper();
        };
    }

    private LayerDiff.Form form(String key) {
        return switch (find(key)) {
            case Rootfs.Copy _ -> LayerDiff.Form.COPY;
            case Rootfs.Overlay _ -> LayerDiff.Form.UPPER;
        };
    }

    private Path containerFolder(String key) {
        boolean plain =
                !key.isEmpty()
                        && key.length() <= LONGEST_KEY
                        && !key.startsWith(".")
                        && !key.startsWith("new-")
                        && key.indexOf('/') < 0
                        && key.indexOf(0) < 0;
        if (!plain) {
            throw new Failure.Invalid("invalid key of a root file system: \"" + key + "\"");
        }
        return containers.resolve(key);
    }

    private static void writeChain(Path folder, List<Digest> chain) throws IOException {
        var text = new StringBuilder("format 1\n");
        chain.forEach(chainId -> text.append(chainId).append('\n'));
        Files.writeString(folder.resolve("layers"), text);
    }

    private List<Digest> readChain(String key) {
        Path file = containerFolder(key).resolve("layers");
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new Failure.NotFound("no root file system of \"" + key + "\"");
        } catch (IOException e) {
            throw failure("read \"" + file + "\"", e);
        }
        if (lines.isEmpty() || !lines.getFirst().equals("format 1")) {
            throw new Failure.Corrupt("\"" + file + "\" is not of format 1", null);
        }
        return lines.stream().skip(1).map(Digest::parse).toList();
    }

    private void sweep(Path parent) {
        for (Path child : children(parent)) {
            String name = child.getFileName().toString();
            if (name.startsWith("new-")) {
                remove(parent, name);
            }
        }
    }

    /** Renamed first, so that nobody sees a part of it. */
    static void remove(Path parent, String name) {
        String gone = name;
        if (!name.startsWith("new-")) {
            gone = GONE + name;
            if (!setAside(parent, name)) {
                return;
            }
        }
        try (var calls = new FileCalls();
                Fd folder = open(parent)) {
            Removal.remove(calls, folder, KernelPath.of(gone));
        } catch (ErrnoException e) {
            throw removing(parent.resolve(name), e);
        }
    }

    /** Gives it a name that nobody looks for; false when it is not there. */
    private static boolean setAside(Path parent, String name) {
        try (var calls = new FileCalls();
                Fd folder = open(parent)) {
            KernelPath gone = KernelPath.of(GONE + name);
            Removal.remove(calls, folder, gone);
            return rename(calls, folder, KernelPath.of(name), gone);
        } catch (ErrnoException e) {
            throw removing(parent.resolve(name), e);
        }
    }

    private static Failure removing(Path path, ErrnoException e) {
        return new Failure.HostRefused("remove \"" + path + "\": " + e.getMessage(), e);
    }

    private static boolean rename(FileCalls calls, Fd folder, KernelPath from, KernelPath to)
            throws ErrnoException {
        try {
            calls.rename(folder, from, folder, to);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    static Fd open(Path folder) {
        try {
            return Paths.open(null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("open a snapshot: " + e.getMessage(), e);
        }
    }

    private static List<Path> children(Path folder) {
        try (var children = Files.newDirectoryStream(folder)) {
            var all = new ArrayList<Path>();
            children.forEach(all::add);
            return all;
        } catch (IOException e) {
            throw failure("list \"" + folder + "\"", e);
        }
    }

    static Failure failure(String doing, IOException cause) {
        return new Failure.HostRefused(doing + ": " + cause.getMessage(), cause);
    }
}
