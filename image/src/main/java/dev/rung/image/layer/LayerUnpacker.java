package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Extent;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarReader;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import java.io.IOException;
import java.io.InputStream;

/**
 * Unpacks one layer into an empty folder (image-spec layer.md). Links in the archive are resolved
 * as if the folder were the root of everything, so none leads out of it; a later entry of a name
 * replaces an earlier one. It wants nothing but the archive and the folder, so it can run in a
 * process that has only the right to make files.
 */
public final class LayerUnpacker implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final int OURS = 0600;
    private static final int FIFO = 0x1000;
    private static final int CHARACTER_DEVICE = 0x2000;
    private static final int BLOCK_DEVICE = 0x6000;

    private final TarReader reader;
    private final UnpackLimits limits;
    private final FileCalls calls = new FileCalls();
    private final LayerFolders folders;
    private final LayerAttributes attributes;
    private final byte[] chunk = new byte[CHUNK];
    private final LayerNotes notes = new LayerNotes();
    private long bytes;
    private long entries;

    private LayerUnpacker(InputStream tar, Fd target, UnpackLimits limits, Ownership ownership) {
        this.reader = new TarReader(tar);
        this.limits = limits;
        this.folders = new LayerFolders(target, calls, notes);
        this.attributes = new LayerAttributes(calls, ownership);
    }

    /** Whose the files become. */
    public enum Ownership {
        /**
         * Those that the archive names; wants CAP_CHOWN, CAP_FOWNER and CAP_MKNOD. In a user
         * namespace device nodes are left out, as the kernel lets nobody there make them.
         */
        RECORDED,
        /** All the caller's, and device nodes are left out: what is possible without rights. */
        CALLER
    }

    /**
     * Reads the archive, which is not compressed, to the end of the stream. Blocks a thread of the
     * platform. Failure.Invalid for a layer that is damaged or would do harm, HostRefused for what
     * the kernel refused, such as a full disk; then the folder holds a part of it, to be removed.
     */
    public static UnpackedLayer unpack(
            InputStream tar, Fd target, UnpackLimits limits, Ownership ownership)
            throws IOException {
        try (var unpacker = new LayerUnpacker(tar, target, limits, ownership)) {
            return unpacker.run();
        }
    }

    private UnpackedLayer run() throws IOException {
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (++entries > limits.entries()) {
                throw new Failure.Invalid(
                        "invalid layer: more than " + limits.entries() + " entries");
            }
            try {
                unpack(entry);
            } catch (ErrnoException e) {
                throw refused(entry.name(), e);
            }
        }
        reader.drain(limits.bytes());
        try {
            folders.finish(attributes);
        } catch (ErrnoException e) {
            throw refused(LayerPath.ROOT, e);
        }
        return notes.layer(bytes, entries);
    }

    /** What is the archive's fault is Invalid; the rest is the host's. */
    private static Failure refused(KernelPath name, ErrnoException e) {
        String message = "unpack \"" + name + "\": " + e.getMessage();
        return switch (e.errno()) {
            case Errno.ENAMETOOLONG, Errno.ELOOP, Errno.EFBIG, Errno.EXDEV, Errno.ENOTDIR ->
                    new Failure.Invalid("invalid layer: " + message);
            default -> new Failure.HostRefused(message, e);
        };
    }

    private void unpack(TarEntry entry) throws IOException, ErrnoException {
        LayerPath path = LayerPath.of(entry.name());
        if (path.isRoot()) {
            if (entry.kind() != Kind.FOLDER) {
                throw new Failure.Invalid(
                        "invalid layer: \"" + entry.name() + "\" is its root, but no folder");
            }
            folders.describe(path.whole(), entry);
            return;
        }
        if (Whiteouts.isMark(path.name())) {
            whiteout(path);
            return;
        }
        switch (entry.kind()) {
            case FILE -> file(entry, path);
            case FOLDER -> folders.make(path, entry);
            case HARD_LINK -> hardLink(entry, path);
            case SYMLINK -> symlink(entry, path);
            case FIFO -> node(entry, path, FIFO);
            case CHARACTER_DEVICE -> node(entry, path, CHARACTER_DEVICE);
            case BLOCK_DEVICE -> node(entry, path, BLOCK_DEVICE);
        }
    }

    private void whiteout(LayerPath path) throws ErrnoException {
        if (path.name().equals(Whiteouts.OPAQUE)) {
            folders.open(path.parent());
            notes.opaque(path.parent());
        } else if (!Whiteouts.isReserved(path.name())) {
            folders.hide(path.parent(), Whiteouts.hidden(path.name()));
        }
    }

    private void file(TarEntry entry, LayerPath path) throws IOException, ErrnoException {
        try (Fd file = create(path)) {
            if (entry.extents() == null) {
                copy(entry, file, entry.size());
            } else {
                for (Extent extent : entry.extents()) {
                    calls.seek(file, extent.offset());
                    copy(entry, file, extent.length());
                }
                calls.resize(file, entry.size());
            }
            attributes.ofFile(file, entry);
        }
    }

    private Fd create(LayerPath path) throws ErrnoException {
        try {
            return calls.create(folders.open(path.parent()), path.name(), OURS);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        folders.clear(path);
        return calls.create(folders.open(path.parent()), path.name(), OURS);
    }

    private void copy(TarEntry entry, Fd file, long size) throws IOException, ErrnoException {
        if (size > limits.bytes() - bytes) {
            throw new Failure.Invalid(
                    "invalid layer: \""
                            + entry.name()
                            + "\" brings it over its limit of "
                            + limits.bytes()
                            + " bytes");
        }
        bytes += size;
        for (long left = size; left > 0; ) {
            int count = 0;
            int most = (int) Math.min(left, CHUNK);
            while (count < most) {
                count += reader.read(chunk, count, most - count);
            }
            calls.write(file, chunk, 0, count);
            left -= count;
        }
    }

    private void symlink(TarEntry entry, LayerPath path) throws ErrnoException {
        if (entry.link().length() == 0) {
            throw new Failure.Invalid(
                    "invalid layer: the symbolic link \"" + entry.name() + "\" leads nowhere");
        }
        makeAnew(path, folder -> calls.makeLink(folder, path.name(), entry.link()));
        attributes.ofLink(folders.open(path.parent()), path.name(), entry);
    }

    private void node(TarEntry entry, LayerPath path, int type) throws ErrnoException {
        if (type != FIFO && !attributes.makesDevices()) {
            return;
        }
        makeAnew(path, folder -> calls.makeNode(folder, path.name(), type | OURS, entry.device()));
        attributes.ofNode(folders.open(path.parent()), path.name(), entry);
    }

    private void hardLink(TarEntry entry, LayerPath path) throws ErrnoException {
        LayerPath target = LayerPath.of(entry.link());
        if (target.isRoot() || target.whole().equals(path.whole())) {
            throw new Failure.Invalid(
                    "invalid layer: the hard link \"" + entry.name() + "\" is to no file");
        }
        try (Fd source = folders.find(target.parent())) {
            if (source == null || !isThere(source, target)) {
                notes.missing(target.whole(), path.whole());
                return;
            }
            makeAnew(path, folder -> calls.link(source, target.name(), folder, path.name()));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPERM) {
                throw new Failure.Invalid(
                        "invalid layer: the hard link \"" + entry.name() + "\" is to a folder");
            }
            throw e;
        }
    }

    private boolean isThere(Fd folder, LayerPath target) throws ErrnoException {
        try {
            return !Whiteouts.isWhiteout(calls.status(folder, target.name()));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** A call that makes something in a folder. */
    private interface Making {
        void makeIn(Fd folder) throws ErrnoException;
    }

    private void makeAnew(LayerPath path, Making making) throws ErrnoException {
        try {
            making.makeIn(folders.open(path.parent()));
            return;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        folders.clear(path);
        making.makeIn(folders.open(path.parent()));
    }

    @Override
    public void close() {
        folders.close();
        calls.close();
    }
}
