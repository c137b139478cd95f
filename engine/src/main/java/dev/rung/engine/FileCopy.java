package dev.rung.engine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.engine.files.TreeCopy;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import org.jspecify.annotations.Nullable;

/** One copy from one side to the other, with the rules of docker cp for names and folders. */
final class FileCopy {
    private static final int O_PATH = 0x200000;
    private static final int O_NONBLOCK = 0x800;
    private static final int MOST_LINKS = 40;

    private final FileSide from;
    private final FileSide to;
    private final TreeCopy copy;

    FileCopy(FileSide from, FileSide to, TreeCopy copy) {
        this.from = from;
        this.to = to;
        this.copy = copy;
    }

    /**
     * A path without slashes at its end.
     *
     * @param content whether what is in the folder is meant, not the folder: it ended with "/."
     * @param folder whether it must be a folder: it ended with a slash
     */
    record Named(String path, boolean content, boolean folder) {
        static Named of(String text) {
            String path = text;
            boolean content = false;
            boolean folder = false;
            while (path.endsWith("/") || path.endsWith("/.")) {
                boolean dot = path.endsWith("/.");
                content |= dot;
                folder = true;
                path = path.substring(0, path.length() - (dot ? 2 : 1));
            }
            return path.isEmpty() ? new Named("/", true, true) : new Named(path, content, folder);
        }

        String last() {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        String parent() {
            int slash = path.lastIndexOf('/');
            return slash <= 0 ? "/" : path.substring(0, slash);
        }

        KernelPath kernelPath() {
            return KernelPath.of(path);
        }
    }

    /** Both paths are absolute on their sides. */
    void run(String source, String target, boolean follows) {
        Named what = Named.of(source);
        try (Fd item = source(what, follows)) {
            put(what, item, Named.of(target));
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("copy: " + e.getMessage(), e);
        }
    }

    /** What is copied, open for reading where it is a file or folder. */
    private Fd source(Named what, boolean follows) throws ErrnoException {
        int flags = follows || what.folder ? 0 : Paths.O_NOFOLLOW;
        Fd found = find(from, what.kernelPath(), O_PATH | flags);
        if (found == null) {
            throw new Failure.NotFound(from.missing(what.kernelPath()));
        }
        FileStatus status = Descriptors.status(found);
        boolean folder = status.is(FileStatus.Type.DIRECTORY);
        if (what.folder && !folder) {
            found.close();
            throw new Failure.Invalid(Printable.of(what.path) + ": not a directory");
        } else if (!folder && !status.is(FileStatus.Type.REGULAR)) {
            return found;
        }
        found.close();
        Fd open = from.open(what.kernelPath(), (folder ? Paths.O_DIRECTORY : O_NONBLOCK) | flags);
        FileStatus now = Descriptors.status(open);
        if (now.inode() != status.inode() || now.device() != status.device()) {
            open.close();
            throw new Failure.WrongState(Printable.of(what.path) + " changed meanwhile");
        }
        return open;
    }

    private void put(Named what, Fd item, Named where) throws ErrnoException {
        boolean folder = Descriptors.status(item).is(FileStatus.Type.DIRECTORY);
        Fd there = find(to, where.kernelPath(), O_PATH);
        if (there == null) {
            putNew(item, folder, where);
            return;
        }
        try (there) {
            if (Descriptors.status(there).is(FileStatus.Type.DIRECTORY)) {
                putInto(what, item, folder, where);
            } else if (folder) {
                throw new Failure.Invalid("cannot copy directory");
            } else if (where.folder) {
                throw new Failure.Invalid(Printable.of(where.path) + ": not a directory");
            } else {
                Named file = behindLinks(where);
                try (Fd parent = to.open(KernelPath.of(file.parent()), Paths.O_DIRECTORY)) {
                    copy.opened(item, parent, KernelPath.of(file.last()));
                }
            }
        }
    }

    private void putNew(Fd item, boolean folder, Named where) throws ErrnoException {
        if (where.folder && !folder) {
            throw new Failure.NotFound("no such directory: " + Printable.of(where.path));
        }
        Fd parent = find(to, KernelPath.of(where.parent()), Paths.O_DIRECTORY);
        if (parent == null) {
            throw new Failure.NotFound(to.missing(KernelPath.of(where.parent())));
        }
        try (parent) {
            copy.opened(item, parent, KernelPath.of(where.last()));
        }
    }

    private void putInto(Named what, Fd item, boolean folder, Named where) throws ErrnoException {
        try (Fd into = to.open(where.kernelPath(), Paths.O_DIRECTORY)) {
            if (folder && what.content) {
                copy.content(item, into);
            } else {
                copy.opened(item, into, KernelPath.of(what.last()));
            }
        }
    }

    /** The file that a link stands for: it is replaced, not the link. */
    private Named behindLinks(Named where) throws ErrnoException {
        Named file = where;
        for (int links = 0; links < MOST_LINKS; links++) {
            try (Fd itself = to.open(file.kernelPath(), O_PATH | Paths.O_NOFOLLOW)) {
                if (!Descriptors.status(itself).is(FileStatus.Type.LINK)) {
                    return file;
                }
                byte[] text = Paths.readLink(itself, KernelPath.of("")).toBytes();
                String target = RawText.decode(text);
                file = Named.of(target.startsWith("/") ? target : file.parent() + "/" + target);
            }
        }
        throw new ErrnoException("open", where.path, Errno.ELOOP);
    }

    private static @Nullable Fd find(FileSide side, KernelPath path, int flags)
            throws ErrnoException {
        try {
            return side.open(path, flags);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }
}
