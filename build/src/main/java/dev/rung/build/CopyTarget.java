package dev.rung.build;

import dev.rung.build.CopySources.Source;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.engine.files.TarInto;
import dev.rung.engine.files.TreeCopy;
import dev.rung.engine.files.TreeCopy.Owners;
import dev.rung.image.compression.Compression;
import dev.rung.image.tar.TarReader;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where COPY and ADD put files: below the root of an image, out of which neither its links nor
 * those of the sources lead.
 */
final class CopyTarget implements AutoCloseable {
    private static final int O_PATH = 0x200000;
    private static final int RESOLVE_NO_MAGICLINKS_IN_ROOT = 0x02 | 0x10;
    private static final int MOST_LINKS = 40;
    private static final int FOLDER_MODE = 0755;

    private final Fd root;
    private final Owner owner;
    private final Predicate<KernelPath> taken;
    private final FileCalls calls = new FileCalls();

    /**
     * Whose the copies are.
     *
     * @param keeps whether files stay whose they are
     * @param mode of all, null: as they are
     */
    record Owner(boolean keeps, int uid, int gid, @Nullable Integer mode) {
        Owners of() {
            return new Owners() {
                @Override
                public int uid(int of) {
                    return keeps ? of : uid;
                }

                @Override
                public int gid(int of) {
                    return keeps ? of : gid;
                }

                @Override
                public int mode(int of) {
                    return mode == null ? of : mode;
                }
            };
        }

        /** Of what an archive holds, which says itself whose it is unless somebody is named. */
        Owners ofArchive(boolean named) {
            return named ? of() : Owners.SAME;
        }
    }

    /** The root stays the caller's. */
    CopyTarget(Fd root, Owner owner, Predicate<KernelPath> taken) {
        this.root = root;
        this.owner = owner;
        this.taken = taken;
    }

    /** Makes a folder and those above it, where they are missing. */
    void makeFolder(String path) throws ErrnoException {
        folder(DestinationPath.parts(path)).close();
    }

    /**
     * Copies one source.
     *
     * @param destination absolute; a slash at its end says that it is a folder
     * @param named whether an owner was asked for, which counts for archives too
     */
    void copy(Source source, String destination, boolean named) throws IOException {
        try (Fd from = source.tree().open(source.path())) {
            if (from == null) {
                throw new Failure.Invalid(
                        "\"" + Printable.of(source.path()) + "\" is gone meanwhile");
            }
            copy(source, from, destination, named);
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    "failed to copy files: "
                            + Printable.of(source.path())
                            + " to "
                            + Printable.of(destination)
                            + ": "
                            + e.getMessage());
        }
    }

    private void copy(Source source, Fd from, String destination, boolean named)
            throws ErrnoException, IOException {
        List<String> parts = DestinationPath.parts(destination);
        try (var copy = new TreeCopy(owner.of(), true, taken)) {
            if (source.folder()) {
                try (Fd to = folder(parts)) {
                    copy.content(from, to);
                }
                return;
            }
            if (source.unpacks() && isArchive(source)) {
                try (Fd to = folder(parts);
                        Fd file = source.tree().open(source.path())) {
                    unpack(file, to, named);
                }
                return;
            }
            boolean into = parts.isEmpty() || destination.endsWith("/") || isFolder(parts);
            if (into) {
                try (Fd to = folder(parts)) {
                    copy.opened(from, to, name(source.name()));
                }
            } else {
                file(copy, from, parts);
            }
        }
    }

    private static KernelPath name(String name) {
        return KernelPath.of(RawText.encode(name));
    }

    /** A link there stands for the file that it leads to. */
    private void file(TreeCopy copy, Fd from, List<String> parts) throws ErrnoException {
        List<String> file = resolved(parts);
        if (file.isEmpty()) {
            throw new ErrnoException("open", String.join("/", parts), Errno.EISDIR);
        }
        try (Fd parent = folder(file.subList(0, file.size() - 1))) {
            copy.opened(from, parent, name(file.getLast()));
        }
    }

    /** Where a path leads by the links on its way, which may end at what is not there yet. */
    private List<String> resolved(List<String> parts) throws ErrnoException {
        var left = new ArrayDeque<>(parts);
        var at = new ArrayList<String>();
        for (int links = 0; !left.isEmpty(); ) {
            String part = left.removeFirst();
            if (part.equals("..")) {
                if (!at.isEmpty()) {
                    at.removeLast();
                }
                continue;
            } else if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            at.add(part);
            String target = linkAt(at);
            if (target == null) {
                continue;
            } else if (++links > MOST_LINKS) {
                throw new ErrnoException("open", String.join("/", parts), Errno.ELOOP);
            }
            at.removeLast();
            if (target.startsWith("/")) {
                at.clear();
            }
            List.of(target.split("/")).reversed().forEach(left::addFirst);
        }
        return at;
    }

    /** Null when no link is there. */
    private @Nullable String linkAt(List<String> parts) throws ErrnoException {
        try (Fd there = open(parts, O_PATH | Paths.O_NOFOLLOW)) {
            return Descriptors.status(there).is(FileStatus.Type.LINK)
                    ? RawText.decode(Paths.readLink(there, KernelPath.of("")).toBytes())
                    : null;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private boolean isFolder(List<String> parts) throws ErrnoException {
        try (Fd there = open(parts, O_PATH)) {
            return Descriptors.status(there).is(FileStatus.Type.DIRECTORY);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    private Fd open(List<String> parts, int flags) throws ErrnoException {
        KernelPath path = KernelPath.of(RawText.encode("/" + String.join("/", parts)));
        return Paths.open(root, path, flags, 0, RESOLVE_NO_MAGICLINKS_IN_ROOT);
    }

    /** Made where it is missing, and its owner's then; a link may lead to what is missing. */
    private Fd folder(List<String> parts) throws ErrnoException {
        return made(resolved(parts));
    }

    private Fd made(List<String> parts) throws ErrnoException {
        try {
            return open(parts, Paths.O_DIRECTORY);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT || parts.isEmpty()) {
                throw e;
            }
        }
        try (Fd above = made(parts.subList(0, parts.size() - 1))) {
            KernelPath name = name(parts.getLast());
            calls.makeFolder(above, name, FOLDER_MODE);
            try (Fd made = calls.openFolder(above, name)) {
                calls.changeMode(made, FOLDER_MODE);
                if (!owner.keeps) {
                    calls.changeOwner(made, owner.uid, owner.gid);
                }
            }
        }
        return open(parts, Paths.O_DIRECTORY);
    }

    /** Whether the file is an archive, compressed in a known way or not. */
    private static boolean isArchive(Source source) throws ErrnoException {
        try (Fd file = source.tree().open(source.path());
                InputStream in = stream(file);
                InputStream plain = Compression.undo(in)) {
            return new TarReader(plain).next() != null;
        } catch (IOException | Failure.Invalid e) {
            return false;
        } catch (Failure.Unsupported e) {
            if (isCalledArchive(source.name())) {
                throw e;
            }
            return false; // one file, compressed
        }
    }

    private static boolean isCalledArchive(String name) {
        return name.contains(".tar") || name.endsWith(".txz") || name.endsWith(".tbz2");
    }

    private static InputStream stream(@Nullable Fd file) throws IOException {
        if (file == null) {
            throw new IOException("gone meanwhile");
        }
        return new BufferedInputStream(new FdInputStream(file, "archive"));
    }

    private void unpack(@Nullable Fd file, Fd to, boolean named)
            throws IOException, ErrnoException {
        try (InputStream plain = Compression.undo(stream(file));
                var tar = new TarInto(plain, to, owner.ofArchive(named), TarInto.Way.IMAGE)) {
            tar.run();
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
