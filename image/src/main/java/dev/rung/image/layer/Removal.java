package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.Paths;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Removes trees of any depth with a few descriptors, never following a link. Nobody else may move
 * folders in the tree meanwhile.
 */
public final class Removal {
    private static final KernelPath UP = KernelPath.of("..");

    private Removal() {}

    private record Level(KernelPath name, Iterator<KernelPath> rest) {}

    /** Removes whatever has that name; nothing is well too. */
    public static void remove(FileCalls calls, Fd folder, KernelPath name) throws ErrnoException {
        if (removeOne(calls, folder, name)) {
            return;
        }
        var levels = new ArrayDeque<Level>();
        Fd here = calls.openFolder(folder, name);
        try {
            levels.push(new Level(name, Paths.list(here).iterator()));
            while (true) {
                Level level = levels.getFirst();
                if (level.rest().hasNext()) {
                    KernelPath next = level.rest().next();
                    if (!removeOne(calls, here, next)) {
                        Fd below = calls.openFolder(here, next);
                        here.close();
                        here = below;
                        levels.push(new Level(next, Paths.list(here).iterator()));
                    }
                    continue;
                }
                levels.pop();
                if (levels.isEmpty()) {
                    break;
                }
                Fd above = calls.openFolder(here, UP);
                here.close();
                here = above;
                calls.removeFolder(here, level.name());
            }
        } finally {
            here.close();
        }
        calls.removeFolder(folder, name);
    }

    /** False when it is a folder with something in it. */
    private static boolean removeOne(FileCalls calls, Fd folder, KernelPath name)
            throws ErrnoException {
        try {
            calls.remove(folder, name);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return true;
            }
            if (e.errno() != Errno.EISDIR) {
                throw e;
            }
        }
        try {
            calls.removeFolder(folder, name);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTEMPTY) {
                throw e;
            }
            return false;
        }
    }
}
