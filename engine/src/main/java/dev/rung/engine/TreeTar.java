package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/** Writes a file or tree of a container into an archive, under its own last name. */
final class TreeTar {
    private static final int O_PATH = 0x200000;
    private static final int O_NONBLOCK = 0x800;
    private static final int CHUNK = 64 * 1024;
    private static final int DEEPEST = 256;
    private static final KernelPath NONE = KernelPath.of("");

    private final TarWriter tar;
    private final FileCalls calls;
    private final int shift;
    private final byte[] chunk = new byte[CHUNK];

    private TreeTar(TarWriter tar, FileCalls calls, int shift) {
        this.shift = shift;
        this.tar = tar;
        this.calls = calls;
    }

    static void write(ContainerTree tree, String path, boolean follows, OutputStream out)
            throws ErrnoException, IOException {
        FileCopy.Named what = FileCopy.Named.of(path);
        boolean through = follows || what.folder();
        int flags = through ? O_PATH : O_PATH | Paths.O_NOFOLLOW;
        try (Fd item = tree.open(what.kernelPath(), flags);
                var calls = new FileCalls();
                var tar = new TarWriter(out)) {
            FileStatus status = Descriptors.status(item);
            boolean folder = status.is(FileStatus.Type.DIRECTORY);
            if (what.folder() && !folder) {
                throw new Failure.Invalid(what.kernelPath() + ": not a directory");
            }
            var archive = new TreeTar(tar, calls, tree.shift());
            KernelPath name = KernelPath.of(what.content() ? "." : what.last());
            if (folder) {
                try (Fd open = tree.open(what.kernelPath(), Paths.O_DIRECTORY)) {
                    archive.folder(open, name, 0);
                }
            } else if (status.is(FileStatus.Type.REGULAR)) {
                int how = through ? O_NONBLOCK : O_NONBLOCK | Paths.O_NOFOLLOW;
                try (Fd open = tree.open(what.kernelPath(), how)) {
                    archive.file(open, name);
                }
            } else {
                archive.other(status, item, NONE, name);
            }
        }
    }

    private void folder(Fd folder, KernelPath path, int depth) throws ErrnoException, IOException {
        if (depth > DEEPEST) {
            throw new Failure.Invalid("copy: \"" + path + "\" is too deep");
        }
        FileStatus status = Descriptors.status(folder);
        tar.begin(entry(Kind.FOLDER, joined(path, NONE), NONE, status, 0));
        for (KernelPath name : Paths.list(folder)) {
            FileStatus each = calls.status(folder, name);
            KernelPath below = joined(path, name);
            if (each.is(FileStatus.Type.DIRECTORY)) {
                try (Fd open = calls.openFolder(folder, name)) {
                    folder(open, below, depth + 1);
                }
            } else if (each.is(FileStatus.Type.REGULAR)) {
                try (Fd open = calls.open(folder, name, Paths.O_RDONLY | O_NONBLOCK)) {
                    file(open, below);
                }
            } else {
                other(each, folder, name, below);
            }
        }
    }

    /** As many bytes as it has at first: one that shrinks meanwhile is filled up with zeros. */
    private void file(Fd file, KernelPath path) throws ErrnoException, IOException {
        FileStatus status = Descriptors.status(file);
        if (!status.is(FileStatus.Type.REGULAR)) {
            throw new Failure.Invalid("copy: \"" + path + "\" changed meanwhile");
        }
        tar.begin(entry(Kind.FILE, path, NONE, status, status.size()));
        boolean ended = false;
        for (long left = status.size(); left > 0; ) {
            int most = (int) Math.min(left, CHUNK);
            int count = ended ? 0 : calls.read(file, chunk, 0, most);
            if (count == 0) {
                ended = true;
                Arrays.fill(chunk, (byte) 0);
                count = most;
            }
            tar.write(chunk, 0, count);
            left -= count;
        }
    }

    /** Links and nodes; no archive can hold a socket. */
    private void other(FileStatus status, Fd folder, KernelPath name, KernelPath path)
            throws ErrnoException, IOException {
        if (status.is(FileStatus.Type.LINK)) {
            tar.begin(entry(Kind.SYMLINK, path, Paths.readLink(folder, name), status, 0));
        } else if (status.is(FileStatus.Type.FIFO)) {
            tar.begin(entry(Kind.FIFO, path, NONE, status, 0));
        } else if (status.is(FileStatus.Type.CHARACTER_DEVICE)) {
            tar.begin(entry(Kind.CHARACTER_DEVICE, path, NONE, status, 0));
        } else if (status.is(FileStatus.Type.BLOCK_DEVICE)) {
            tar.begin(entry(Kind.BLOCK_DEVICE, path, NONE, status, 0));
        }
    }

    private TarEntry entry(
            Kind kind, KernelPath path, KernelPath link, FileStatus status, long size) {
        return new TarEntry(
                kind,
                path,
                link,
                status.permissions(),
                status.uid() - shift,
                status.gid() - shift,
                size,
                new Time(status.modifiedSeconds(), status.modifiedNanos()),
                status.specialDevice(),
                List.of(),
                null);
    }

    private static KernelPath joined(KernelPath folder, KernelPath name) {
        byte[] path = Arrays.copyOf(folder.toBytes(), folder.length() + 1 + name.length());
        path[folder.length()] = '/';
        System.arraycopy(name.toBytes(), 0, path, folder.length() + 1, name.length());
        return KernelPath.of(path);
    }
}
