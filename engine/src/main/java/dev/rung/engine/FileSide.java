package dev.rung.engine;

import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;

/** Where files are copied from or to: a container, or the machine of the person who copies. */
public interface FileSide {
    /** Opens a path there with the rights that count there (openat2(2)). The caller closes it. */
    Fd open(KernelPath path, int flags) throws ErrnoException;

    /** What is said of a path that is not there. */
    String missing(KernelPath path);
}
