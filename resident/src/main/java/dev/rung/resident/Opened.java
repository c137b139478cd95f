package dev.rung.resident;

import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import org.jspecify.annotations.Nullable;

/**
 * What came of an open: a descriptor, or an errno. The descriptor is closed at the end of the
 * conversation at the latest.
 */
public record Opened(@Nullable Fd descriptor, int errno) {
    /** The descriptor; the errno as an exception when there is none. */
    public Fd orThrow(Object path) throws ErrnoException {
        if (descriptor == null) {
            throw new ErrnoException("open", path, errno);
        }
        return descriptor;
    }
}
