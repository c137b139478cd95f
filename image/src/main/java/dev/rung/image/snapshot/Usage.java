package dev.rung.image.snapshot;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;

/**
 * What a folder takes on the disk, a file with several names counted once.
 *
 * @param bytes in whole blocks
 * @param files of every type, with the folder itself
 */
public record Usage(long bytes, long files) {
    private static final int BLOCK = 512;
    private static final int BELOW_WITHOUT_LINKS = 4 | 8; // RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH

    /** Counts now; what changes meanwhile may count or not. A folder that is gone takes nothing. */
    public static Usage of(Path folder) {
        KernelPath path = KernelPath.of(folder.toString());
        try (var calls = new FileCalls();
                Fd root = Paths.open(null, path, Paths.O_DIRECTORY, 0, 0)) {
            return count(root, calls);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return new Usage(0, 0);
            }
            throw new Failure.HostRefused("measure \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    private static Usage count(Fd root, FileCalls calls) throws ErrnoException {
        long blocks = calls.status(root, KernelPath.of(".")).blocks();
        long files = 1;
        var linked = new HashSet<Long>();
        var pending = new ArrayDeque<String>();
        pending.push(".");
        while (!pending.isEmpty()) {
            String path = pending.pop();
            try (Fd folder =
                    Paths.open(
                            root, KernelPath.of(path), Paths.O_DIRECTORY, 0, BELOW_WITHOUT_LINKS)) {
                for (KernelPath name : Paths.list(folder)) {
                    FileStatus status = calls.status(folder, name);
                    if (status.is(FileStatus.Type.DIRECTORY)) {
                        pending.push(path + "/" + RawText.decode(name.toBytes()));
                    } else if (status.links() > 1 && !linked.add(status.inode())) {
                        continue;
                    }
                    blocks += status.blocks();
                    files++;
                }
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                    throw e;
                }
            }
        }
        return new Usage(blocks * BLOCK, files);
    }
}
