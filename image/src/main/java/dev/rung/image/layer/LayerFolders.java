package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a layer while it is unpacked. Their owners, modes, times and attributes are set
 * last: a folder may be read-only, its times change with its content, and its default ACL would
 * reach its files.
 */
final class LayerFolders implements AutoCloseable {
    private static final int MOST_OPEN = 32;
    private static final int OURS = 0700;
    private static final int IMPLIED_MODE = 0755;
    private static final int CHARACTER_DEVICE = 0x2000;

    private final Fd root;
    private final FileCalls calls;
    private final LayerNotes notes;
    private final Map<KernelPath, Fd> open = new LinkedHashMap<>(2 * MOST_OPEN, 0.75f, true);
    private final TreeMap<KernelPath, TarEntry> described = new TreeMap<>();

    LayerFolders(Fd root, FileCalls calls, LayerNotes notes) {
        this.root = root;
        this.calls = calls;
        this.notes = notes;
    }

    /** The folder, made when it is missing; it stays ours, valid until the next call. */
    Fd open(KernelPath path) throws ErrnoException {
        if (path.length() == 0) {
            return root;
        }
        Fd known = open.get(path);
        if (known != null) {
            return known;
        }
        Fd folder = find(path);
        if (folder == null) {
            folder = makeImplied(LayerPath.of(path));
        }
        keep(path, folder);
        return folder;
    }

    /** The folder, now the caller's, or null when there is none. */
    @Nullable Fd find(KernelPath path) throws ErrnoException {
        try {
            return calls.openFolderInRoot(root, LayerPath.forCall(path), 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    /** Makes the folder of an entry, or takes the one that is there. */
    void make(LayerPath path, TarEntry entry) throws ErrnoException {
        Fd parent = open(path.parent());
        try {
            calls.makeFolder(parent, path.name(), OURS);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            FileStatus there = calls.status(parent, path.name());
            if (!there.is(FileStatus.Type.DIRECTORY)) {
                replace(parent, path, there);
            }
        }
        describe(path.whole(), entry);
    }

    /** Notes what the folder is to look like in the end. */
    void describe(KernelPath path, TarEntry entry) {
        described.put(path, entry);
        notes.described(path);
    }

    /** Marks the name as gone from the layers below; what this layer itself has there stays. */
    void hide(KernelPath parent, KernelPath name) throws ErrnoException {
        Fd folder = open(parent);
        try {
            calls.makeNode(folder, name, CHARACTER_DEVICE, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            if (calls.status(folder, name).is(FileStatus.Type.DIRECTORY)) {
                notes.opaque(LayerPath.below(parent, name));
            }
        }
    }

    /** Removes what an earlier entry made of the name. */
    void clear(LayerPath path) throws ErrnoException {
        Fd folder = open(path.parent());
        boolean tree = calls.status(folder, path.name()).is(FileStatus.Type.DIRECTORY);
        Removal.remove(calls, folder, path.name());
        if (tree) {
            forget(path.whole());
        }
    }

    private void forget(KernelPath path) {
        closeAll();
        KernelPath first = LayerPath.below(path, LayerPath.ROOT); // "path/"
        byte[] after = first.toBytes();
        after[after.length - 1]++;
        KernelPath last = KernelPath.of(after);
        described.remove(path);
        described.subMap(first, last).clear();
        notes.removed(path, first, last);
    }

    /** A folder in place of something else; in place of a whiteout it hides what lies below. */
    private void replace(Fd parent, LayerPath path, FileStatus there) throws ErrnoException {
        calls.remove(parent, path.name());
        calls.makeFolder(parent, path.name(), OURS);
        if (Whiteouts.isWhiteout(there)) {
            notes.opaque(path.whole());
        }
    }

    private Fd makeImplied(LayerPath path) throws ErrnoException {
        Fd parent = open(path.parent());
        boolean isNew = true;
        try {
            calls.makeFolder(parent, path.name(), OURS);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            FileStatus there = calls.status(parent, path.name());
            isNew = Whiteouts.isWhiteout(there);
            if (isNew) {
                replace(parent, path, there);
            } else if (!there.is(FileStatus.Type.DIRECTORY)) {
                throw new Failure.Invalid(
                        "invalid layer: it has files below \""
                                + path.whole()
                                + "\", which is no folder");
            }
        }
        if (isNew) {
            notes.implied(path.whole());
        }
        return calls.openFolder(parent, path.name());
    }

    private void keep(KernelPath path, Fd folder) {
        if (open.size() == MOST_OPEN) {
            Iterator<Fd> oldest = open.values().iterator();
            oldest.next().close();
            oldest.remove();
        }
        open.put(path, folder);
    }

    /** Gives all folders their looks, those inside before those around them. */
    void finish(LayerAttributes attributes) throws ErrnoException {
        closeAll();
        for (KernelPath path : notes.implied()) {
            try (Fd folder = openItself(path)) {
                if (folder != null) {
                    calls.changeMode(folder, IMPLIED_MODE);
                }
            }
        }
        for (var entry : described.descendingMap().entrySet()) {
            try (Fd folder = openItself(entry.getKey())) {
                if (folder != null) {
                    attributes.ofFolder(folder, entry.getValue());
                }
            }
        }
    }

    /** Null when a link or nothing is there now. */
    private @Nullable Fd openItself(KernelPath path) throws ErrnoException {
        try {
            return calls.openFolderInRoot(root, LayerPath.forCall(path), Paths.O_NOFOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT
                    || e.errno() == Errno.ENOTDIR
                    || e.errno() == Errno.ELOOP) {
                return null;
            }
            throw e;
        }
    }

    private void closeAll() {
        open.values().forEach(Fd::close);
        open.clear();
    }

    @Override
    public void close() {
        closeAll();
    }
}
