package dev.rung.resident;

import dev.rung.domain.KernelPath;
import dev.rung.linux.Fd;
import org.jspecify.annotations.Nullable;

/**
 * One openat2(2) for the front end to make with the caller's rights.
 *
 * @param folder the path is relative to it, null for the caller's working directory
 * @param flags O_ flags; O_CLOEXEC is implied
 * @param resolve RESOLVE_ flags
 */
public record OpenRequest(@Nullable Fd folder, KernelPath path, int flags, int resolve) {
    /** A file to read, followed wherever it leads; may have been opened ahead by the front end. */
    public static OpenRequest reading(String path) {
        return new OpenRequest(null, KernelPath.of(path), 0, 0);
    }
}
