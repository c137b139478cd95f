package dev.rung.engine.monitor;

import dev.rung.domain.KernelPath;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import java.io.IOException;
import java.nio.file.Path;

/** A monitor's socket by way of its open folder, because a socket's path may have 107 bytes. */
final class MonitorDoor implements AutoCloseable {
    private final Fd folder;

    MonitorDoor(ContainerFolders folders) throws IOException {
        try {
            folder = open(folders.running());
        } catch (ErrnoException e) {
            throw new IOException(e);
        }
    }

    /** Valid while this is open. */
    Path path() {
        return Path.of("/proc/self/fd/" + folder.number() + "/monitor.sock");
    }

    /** The folder itself. */
    Fd folder() {
        return folder;
    }

    @Override
    public void close() {
        folder.close();
    }

    static Fd open(Path folder) throws ErrnoException {
        KernelPath path = KernelPath.of(folder.toString());
        return Paths.open(null, path, Paths.O_DIRECTORY | Paths.O_NOFOLLOW, 0, 0);
    }
}
