package dev.rung.engine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How many bytes files take, links not followed. */
final class DiskUse {
    private static final int BLOCK = 512;
    private static final int DEEPEST = 512;

    private DiskUse() {}

    /** Of all below a folder of ours; 0 when there is none. */
    static long of(Path folder) {
        try (var calls = new FileCalls();
                Fd open =
                        Paths.open(
                                null, KernelPath.of(folder.toString()), Paths.O_DIRECTORY, 0, 0)) {
            return of(calls, open, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return 0;
            }
            throw new Failure.HostRefused("read \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    private static long of(FileCalls calls, Fd folder, int depth) throws ErrnoException {
        long bytes = 0;
        var below = new ArrayList<KernelPath>();
        for (KernelPath name : Paths.list(folder)) {
            try {
                FileStatus status = calls.status(folder, name);
                bytes += status.blocks() * BLOCK;
                if (status.is(FileStatus.Type.DIRECTORY)) {
                    below.add(name);
                }
            } catch (ErrnoException e) {
                ifGone(e);
            }
        }
        return depth == DEEPEST ? bytes : bytes + of(calls, folder, below, depth);
    }

    private static long of(FileCalls calls, Fd folder, List<KernelPath> below, int depth)
            throws ErrnoException {
        long bytes = 0;
        for (KernelPath name : below) {
            try (Fd inner = calls.openFolder(folder, name)) {
                bytes += of(calls, inner, depth + 1);
            } catch (ErrnoException e) {
                ifGone(e);
            }
        }
        return bytes;
    }

    /** Others change it meanwhile. */
    private static void ifGone(ErrnoException e) throws ErrnoException {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
            throw e;
        }
    }
}
