package dev.rung.daemon;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** There is one engine at a time to a data root, as long as its process lives. */
final class EngineLock {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private EngineLock() {}

    /** Waits for an engine that is on its way out. Unavailable when it stays. */
    static void take(Path file) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            // stays open until the process ends
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            for (FileLock lock = channel.tryLock(); lock == null; lock = channel.tryLock()) {
                if (System.nanoTime() > end) {
                    throw new Failure.Unavailable(
                            "another engine has \"" + file.getParent() + "\"", null);
                }
                Thread.sleep(PAUSE);
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("lock \"" + file + "\": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
