package dev.rung.cli;

import dev.rung.build.dockerfile.IgnorePatterns;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.TreeSet;

/**
 * A folder as the context of a build: an archive without what is left out, and with root as the
 * owner of all, as docker sends it. Links are never followed.
 */
final class ContextArchive {
    private static final int CHUNK = 64 * 1024;
    private static final int DEEPEST = 256;
    private static final KernelPath NONE = KernelPath.of("");

    private final TarWriter tar;
    private final IgnorePatterns ignored;
    private final FileCalls calls;
    private final byte[] chunk = new byte[CHUNK];

    private ContextArchive(TarWriter tar, IgnorePatterns ignored, FileCalls calls) {
        this.tar = tar;
        this.ignored = ignored;
        this.calls = calls;
    }

    /** Writes all of the folder. */
    static void write(Fd folder, IgnorePatterns ignored, OutputStream out) throws IOException {
        try (var tar = new TarWriter(out);
                var calls = new FileCalls();
                Fd top = Paths.open(folder, KernelPath.of("."), Paths.O_DIRECTORY, 0, 0)) {
            new ContextArchive(tar, ignored, calls).folder(top, "", 0);
        } catch (ErrnoException e) {
            throw new Failure.Invalid("error checking context: " + e.getMessage());
        }
    }

    private void folder(Fd folder, String path, int depth) throws ErrnoException, IOException {
        if (depth > DEEPEST) {
            throw new Failure.Invalid("\"" + Printable.of(path) + "\" is too deep");
        }
        for (KernelPath name : new TreeSet<>(Paths.list(folder))) {
            String text = RawText.decode(name.toBytes());
            String whole = path.isEmpty() ? text : path + "/" + text;
            FileStatus status = calls.status(folder, name);
            boolean taken = !ignored.ignores(whole);
            if (status.is(FileStatus.Type.DIRECTORY)) {
                if (taken) {
                    begin(Kind.FOLDER, whole, status, NONE);
                }
                if (taken || !ignored.ignoresAllBelow(whole)) {
                    try (Fd below = calls.openFolder(folder, name)) {
                        folder(below, whole, depth + 1);
                    }
                }
            } else if (taken) {
                one(folder, name, whole, status);
            }
        }
    }

    /** Sockets are left out, and so are devices, which no context is for. */
    private void one(Fd folder, KernelPath name, String path, FileStatus status)
            throws ErrnoException, IOException {
        if (status.is(FileStatus.Type.LINK)) {
            begin(Kind.SYMLINK, path, status, Paths.readLink(folder, name));
        } else if (status.is(FileStatus.Type.FIFO)) {
            begin(Kind.FIFO, path, status, NONE);
        } else if (status.is(FileStatus.Type.REGULAR)) {
            try (Fd file = calls.openRegular(folder, name)) {
                begin(Kind.FILE, path, status, NONE);
                content(file, path, status.size());
            }
        }
    }

    private void begin(Kind kind, String path, FileStatus status, KernelPath link)
            throws IOException {
        tar.begin(
                new TarEntry(
                        kind,
                        KernelPath.of(RawText.encode(kind == Kind.FOLDER ? path + "/" : path)),
                        link,
                        status.permissions(),
                        0,
                        0,
                        kind == Kind.FILE ? status.size() : 0,
                        new Time(status.modifiedSeconds(), status.modifiedNanos()),
                        0,
                        List.of(),
                        null));
    }

    /** As much as was announced; a file that has become shorter meanwhile is an error. */
    private void content(Fd file, String path, long size) throws ErrnoException, IOException {
        for (long left = size; left > 0; ) {
            int count = calls.read(file, chunk, 0, (int) Math.min(left, CHUNK));
            if (count == 0) {
                throw new ErrnoException("read", path + ", which was changed", Errno.ESTALE);
            }
            tar.write(chunk, 0, count);
            left -= count;
        }
    }
}
