package dev.rung.daemon;

import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The listening socket for Docker's API that a service manager gave, as descriptor 0. */
final class GivenSocket {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private GivenSocket() {}

    /** Null where there is none. Java would take the log away with it: that is put back. */
    static @Nullable ServerSocketChannel find() {
        try {
            Path standing = Files.readSymbolicLink(Path.of("/proc/self/fd/0"));
            if (!standing.toString().startsWith("socket:")) {
                return null;
            }
            try (Fd out = Descriptors.duplicate(STDOUT);
                    Fd errors = Descriptors.duplicate(STDERR)) {
                var channel = System.inheritedChannel();
                Descriptors.replace(STDOUT, out);
                Descriptors.replace(STDERR, errors);
                return channel instanceof ServerSocketChannel door ? door : null;
            }
        } catch (IOException | ErrnoException _) {
            return null;
        }
    }
}
