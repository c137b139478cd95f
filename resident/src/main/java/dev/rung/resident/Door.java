package dev.rung.resident;

import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;

/**
 * The name that front ends connect to. It is taken away only under the lock that a front end holds
 * while it looks for a resident and starts one, so none finds the name of a resident that is
 * leaving, and none is started beside another.
 */
final class Door {
    private static final KernelPath LOCK = KernelPath.of("resident.lock");
    private static final int FLAGS = Paths.O_RDWR | Paths.O_CREAT | Paths.O_NOFOLLOW;
    private static final int MODE = 0600;

    private final KernelPath folder;
    private final KernelPath name;
    private final FileStatus ours;

    /** The socket of that name in the folder must be there. */
    Door(KernelPath folder, KernelPath name) throws ErrnoException {
        this.folder = folder;
        this.name = name;
        try (Fd open = open()) {
            ours = Paths.status(open, name);
        }
    }

    /** False when a front end is at the door just now. */
    boolean close() {
        try (Fd open = open();
                Fd lock = Paths.open(open, LOCK, FLAGS, MODE, 0)) {
            if (!Paths.tryLock(lock)) {
                return false;
            }
            FileStatus there = Paths.status(open, name);
            if (there.inode() == ours.inode() && there.device() == ours.device()) {
                Paths.unlink(open, name);
            }
            return true;
        } catch (ErrnoException e) {
            return true; // the folder or the name is gone already, so nobody finds us
        }
    }

    private Fd open() throws ErrnoException {
        return Paths.open(null, folder, Paths.O_DIRECTORY | Paths.O_NOFOLLOW, 0, 0);
    }
}
