package dev.rung.engine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.engine.config.ProcessUser;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is read out of a container's root file system, whose links lead nowhere outside. */
final class RootFiles {
    private static final int RESOLVE_NO_MAGICLINKS = 0x02;
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final int O_NONBLOCK = 0x800; // a FIFO there must not hold us up
    private static final int LARGEST = 1 << 20;

    private RootFiles() {}

    /**
     * Whom a process is to run as.
     *
     * @param strict whether the groups of a user there do not count
     */
    static ProcessUser user(Path root, String user, List<String> groups, boolean strict) {
        boolean plain = user.isEmpty() && groups.isEmpty();
        // root is looked up too: its groups count
        String passwd = read(root, "/etc/passwd");
        String group = read(root, "/etc/group");
        ProcessUser found = ProcessUser.find(plain ? "" : user, passwd, group, groups);
        return strict ? found.without(group, groups) : found;
    }

    /** Where a user is at home there. */
    static String home(Path root, long uid) {
        return ProcessUser.home(uid, read(root, "/etc/passwd"));
    }

    /** A folder there; null when there is none. The caller closes it. */
    static @Nullable Fd folder(Path root, String path) throws ErrnoException {
        try (Fd top = Paths.open(null, KernelPath.of(root.toString()), Paths.O_DIRECTORY, 0, 0)) {
            return Paths.open(
                    top,
                    KernelPath.of(path),
                    Paths.O_DIRECTORY,
                    0,
                    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    /** Empty when there is none. */
    private static String read(Path root, String path) {
        try (Fd folder = Paths.open(null, KernelPath.of(root.toString()), Paths.O_DIRECTORY, 0, 0);
                Fd file =
                        Paths.open(
                                folder,
                                KernelPath.of(path),
                                O_NONBLOCK,
                                0,
                                RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)) {
            return new String(Descriptors.readAll(file, LARGEST), StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return "";
            }
            throw new Failure.HostRefused("read the image's " + path + ": " + e.getMessage(), e);
        }
    }
}
