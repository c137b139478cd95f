package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.image.tar.TarWriter;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes files of a file system into an archive: a further name of a file becomes a hard link. */
final class TreeArchiver {
    private static final KernelPath NONE = KernelPath.of("");
    private static final int CHUNK = 64 * 1024;

    private final TarWriter tar;
    private final FileCalls calls;
    private final byte[] chunk = new byte[CHUNK];
    private final Map<Inode, KernelPath> names = new HashMap<>();

    private record Inode(long device, long number) {}

    TreeArchiver(TarWriter tar, FileCalls calls) {
        this.tar = tar;
        this.calls = calls;
    }

    /**
     * One file as the path; sockets are left out, since no archive can hold them, and so is what
     * has become something else since the status was taken.
     */
    void add(KernelPath path, Fd folder, KernelPath name, FileStatus status)
            throws ErrnoException, IOException {
        if (status.is(FileStatus.Type.SOCKET)) {
            return;
        }
        if (status.is(FileStatus.Type.REGULAR)) {
            addFile(path, folder, name, status);
            return;
        }
        Kind kind = kind(status);
        tar.begin(
                entry(
                        kind,
                        kind == Kind.FOLDER ? LayerPath.below(path, NONE) : path,
                        kind == Kind.SYMLINK ? Paths.readLink(folder, name) : NONE,
                        status,
                        0,
                        LayerAttributes.of(folder, name)));
    }

    /** An empty file, such as a whiteout. */
    void addEmpty(KernelPath path) throws IOException {
        tar.begin(new TarEntry(Kind.FILE, path, NONE, 0, 0, 0, 0, Time.EPOCH, 0, List.of(), null));
    }

    private void addFile(KernelPath path, Fd folder, KernelPath name, FileStatus status)
            throws ErrnoException, IOException {
        try (Fd file = openOrNull(folder, name)) {
            if (file == null) {
                return;
            }
            if (status.links() > 1) {
                var inode = new Inode(status.device(), status.inode());
                KernelPath first = names.putIfAbsent(inode, path);
                if (first != null) {
                    tar.begin(entry(Kind.HARD_LINK, path, first, status, 0, List.of()));
                    return;
                }
            }
            tar.begin(
                    entry(
                            Kind.FILE,
                            path,
                            NONE,
                            status,
                            status.size(),
                            LayerAttributes.of(folder, name)));
            copy(file, status.size());
        }
    }

    private @Nullable Fd openOrNull(Fd folder, KernelPath name) throws ErrnoException {
        try {
            return calls.openRegular(folder, name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENXIO) {
                return null;
            }
            throw e;
        }
    }

    /** As many bytes as were announced: a file that shrinks meanwhile is filled up with zeros. */
    private void copy(Fd file, long size) throws ErrnoException, IOException {
        boolean ended = false;
        for (long left = size; left > 0; ) {
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

    private static TarEntry entry(
            Kind kind,
            KernelPath path,
            KernelPath link,
            FileStatus status,
            long size,
            List<Attribute> attributes) {
        boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
        return new TarEntry(
                kind,
                path,
                link,
                kind == Kind.SYMLINK ? 0777 : status.permissions(),
                status.uid(),
                status.gid(),
                size,
                new Time(status.modifiedSeconds(), status.modifiedNanos()),
                device ? status.specialDevice() : 0,
                attributes,
                null);
    }

    private static Kind kind(FileStatus status) {
        if (status.is(FileStatus.Type.DIRECTORY)) {
            return Kind.FOLDER;
        } else if (status.is(FileStatus.Type.LINK)) {
            return Kind.SYMLINK;
        } else if (status.is(FileStatus.Type.FIFO)) {
            return Kind.FIFO;
        }
        return status.is(FileStatus.Type.BLOCK_DEVICE) ? Kind.BLOCK_DEVICE : Kind.CHARACTER_DEVICE;
    }
}
