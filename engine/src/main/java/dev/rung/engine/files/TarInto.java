package dev.rung.engine.files;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.engine.files.TreeCopy.Owners;
import dev.rung.image.layer.Removal;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Extent;
import dev.rung.image.tar.TarReader;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.linux.Xattrs;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Unpacks an archive into a folder of a container. The folder is the root of all paths: neither the
 * archive nor links that lie there lead out of it. Whoever runs in the container may change it
 * meanwhile.
 */
public final class TarInto implements AutoCloseable {
    private static final int O_PATH = 0x200000;
    private static final int RESOLVE_NO_MAGICLINKS_IN_ROOT = 0x02 | 0x10;
    private static final KernelPath OWN_DESCRIPTORS = KernelPath.of("/proc/self/fd");
    private static final KernelPath CAPABILITY = KernelPath.of("security.capability");
    private static final int CHUNK = 64 * 1024;
    private static final int OURS = 0700;
    private static final int IMPLIED = 0755;
    private static final int FIFO = 0x1000;
    private static final int CHARACTER_DEVICE = 0x2000;
    private static final int BLOCK_DEVICE = 0x6000;

    private final TarReader reader;
    private final Fd target;
    private final Owners owners;
    private final Way way;
    private final FileCalls calls = new FileCalls();
    private final byte[] chunk = new byte[CHUNK];
    private final List<Described> folders = new ArrayList<>();

    /** What a folder is to look like in the end: its time changes with its content. */
    private record Described(List<String> parts, TarEntry entry) {}

    /** What becomes of what is in the way, and of what is more than a file. */
    public enum Way {
        /** Folders and other files do not replace one another; attributes are left out. */
        COPY,
        /** As COPY, and device nodes are left out: for files that only the engine reads. */
        SPOOL,
        /** What is in the way goes, and capabilities are kept: for files of an image. */
        IMAGE
    }

    /** As files are copied into a container whose root has that number outside. */
    public TarInto(InputStream in, Fd target, int root) {
        this(in, target, Owners.shifted(root), Way.COPY);
    }

    /** The stream and the folder stay the caller's. */
    public TarInto(InputStream in, Fd target, Owners owners, Way way) {
        this.owners = owners;
        this.way = way;
        this.reader = new TarReader(in);
        this.target = target;
    }

    /** Unpacks all of it. Invalid for an archive that is none, or that leads upwards. */
    public void run() throws IOException, ErrnoException {
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            List<String> parts = parts(entry.name());
            if (!parts.isEmpty()) {
                unpack(entry, parts);
            }
        }
        for (Described folder : folders.reversed()) {
            try (Fd open = open(folder.parts, Paths.O_DIRECTORY | Paths.O_NOFOLLOW)) {
                looks(open, folder.entry);
            }
        }
    }

    private static List<String> parts(KernelPath path) {
        var parts = new ArrayList<String>();
        for (String part : RawText.decode(path.toBytes()).split("/")) {
            if (part.equals("..")) {
                throw new Failure.Invalid("invalid archive: \"" + path + "\" leads upwards");
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    private Fd open(List<String> parts, int flags) throws ErrnoException {
        KernelPath path = KernelPath.of("/" + String.join("/", parts));
        return Paths.open(target, path, flags, 0, RESOLVE_NO_MAGICLINKS_IN_ROOT);
    }

    private void unpack(TarEntry entry, List<String> parts) throws IOException, ErrnoException {
        KernelPath name = KernelPath.of(parts.getLast());
        try (Fd folder = parent(parts.subList(0, parts.size() - 1))) {
            if (entry.kind() == TarEntry.Kind.FOLDER) {
                makeFolder(folder, name, OURS);
                folders.add(new Described(parts, entry));
                return;
            }
            clear(folder, name, entry);
            switch (entry.kind()) {
                case FILE -> file(entry, folder, name);
                case HARD_LINK -> hardLink(entry, folder, name);
                case SYMLINK -> {
                    calls.makeLink(folder, name, entry.link());
                    calls.changeOwner(
                            folder, name, owners.uid(entry.uid()), owners.gid(entry.gid()));
                }
                case FIFO -> node(entry, folder, name, FIFO);
                case CHARACTER_DEVICE -> node(entry, folder, name, CHARACTER_DEVICE);
                case BLOCK_DEVICE -> node(entry, folder, name, BLOCK_DEVICE);
                case FOLDER -> throw new IllegalStateException("a folder was made before");
            }
        }
    }

    /** Made where it is missing. */
    private Fd parent(List<String> parts) throws ErrnoException {
        try {
            return open(parts, Paths.O_DIRECTORY);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT || parts.isEmpty()) {
                throw e;
            }
        }
        try (Fd above = parent(parts.subList(0, parts.size() - 1))) {
            makeFolder(above, KernelPath.of(parts.getLast()), IMPLIED);
        }
        return open(parts, Paths.O_DIRECTORY);
    }

    private void makeFolder(Fd folder, KernelPath name, int mode) throws ErrnoException {
        try {
            calls.makeFolder(folder, name, mode);
            try (Fd made = calls.openFolder(folder, name)) {
                calls.changeMode(made, mode);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            FileStatus there = calls.status(folder, name);
            if (there.is(FileStatus.Type.DIRECTORY)) {
                return;
            } else if (way == Way.IMAGE) {
                calls.remove(folder, name);
                makeFolder(folder, name, mode);
            } else if (!there.is(FileStatus.Type.LINK)) {
                throw new Failure.Invalid(
                        "cannot overwrite non-directory \"" + name + "\" with directory");
            }
        }
    }

    private void clear(Fd folder, KernelPath name, TarEntry entry) throws ErrnoException {
        try {
            calls.remove(folder, name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EISDIR && way == Way.IMAGE) {
                Removal.remove(calls, folder, name);
            } else if (e.errno() == Errno.EISDIR) {
                throw new Failure.Invalid(
                        "cannot overwrite directory \"" + entry.name() + "\" with non-directory");
            } else if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private void file(TarEntry entry, Fd folder, KernelPath name)
            throws IOException, ErrnoException {
        try (Fd file = calls.create(folder, name, OURS)) {
            if (entry.extents() == null) {
                bytes(file, entry.size());
            } else {
                for (Extent extent : entry.extents()) {
                    calls.seek(file, extent.offset());
                    bytes(file, extent.length());
                }
                calls.resize(file, entry.size());
            }
            looks(file, entry);
        }
    }

    private void bytes(Fd file, long size) throws IOException, ErrnoException {
        for (long left = size; left > 0; ) {
            int count = reader.read(chunk, 0, (int) Math.min(left, CHUNK));
            calls.write(file, chunk, 0, count);
            left -= count;
        }
    }

    private void hardLink(TarEntry entry, Fd folder, KernelPath name) throws ErrnoException {
        List<String> to = parts(entry.link());
        if (to.isEmpty()) {
            throw new Failure.Invalid("invalid archive: \"" + entry.name() + "\" links to nothing");
        }
        try (Fd source = open(to.subList(0, to.size() - 1), Paths.O_DIRECTORY)) {
            calls.link(source, KernelPath.of(to.getLast()), folder, name);
        }
    }

    private void node(TarEntry entry, Fd folder, KernelPath name, int type) throws ErrnoException {
        if (way == Way.SPOOL && type != FIFO) {
            return;
        }
        calls.makeNode(folder, name, type | OURS, entry.device());
        calls.changeOwner(folder, name, owners.uid(entry.uid()), owners.gid(entry.gid()));
        // by its descriptor: a change by name would follow a link that lies there by now
        try (Fd node = calls.open(folder, name, O_PATH);
                Fd ours = Paths.open(null, OWN_DESCRIPTORS, Paths.O_DIRECTORY, 0, 0)) {
            FileStatus there = Descriptors.status(node);
            if (there.is(FileStatus.Type.LINK) || there.is(FileStatus.Type.DIRECTORY)) {
                throw new Failure.Invalid("copy: \"" + name + "\" changed meanwhile");
            }
            KernelPath number = KernelPath.of(Integer.toString(node.number()));
            calls.changeMode(ours, number, owners.mode(entry.mode()));
        }
    }

    private void looks(Fd file, TarEntry entry) throws ErrnoException {
        calls.changeOwner(file, owners.uid(entry.uid()), owners.gid(entry.gid()));
        calls.changeMode(file, owners.mode(entry.mode()));
        if (way == Way.IMAGE) {
            capabilities(file, entry);
        }
        calls.setTimes(file, entry.modified().seconds(), entry.modified().nanos());
    }

    /** After the owner, since a change of it takes them away. */
    private static void capabilities(Fd file, TarEntry entry) throws ErrnoException {
        for (Attribute attribute : entry.attributes()) {
            if (attribute.name().equals(CAPABILITY)) {
                Xattrs.set(file, CAPABILITY, attribute.value());
            }
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
