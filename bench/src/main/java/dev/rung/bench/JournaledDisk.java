package dev.rung.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An ext4 with a journal, on a loop device, for all that is measured: what most machines have. An
 * ext4 without one searches for inodes that were not deleted in the last minute, so that what is
 * pulled again after its removal takes twice as long, with every engine.
 */
final class JournaledDisk implements AutoCloseable {
    private static final long SIZE = 16L << 30;

    private final Path folder;

    JournaledDisk() {
        try {
            Path image = Files.createTempFile("rung-disk", "");
            folder = Files.createTempDirectory("rung-bench");
            try {
                run("truncate", "--size=" + SIZE, image.toString());
                run("mkfs.ext4", "-q", image.toString());
                run("mount", "-o", "loop", image.toString(), folder.toString());
            } finally {
                Files.delete(image); // it stays for as long as it is mounted
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it is mounted. */
    Path folder() {
        return folder;
    }

    private static void run(String... words) throws IOException {
        Process process = new ProcessBuilder(words).inheritIO().start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", List.of(words)) + " failed");
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    /** What has been left there is gone, too. */
    @Override
    public void close() {
        try {
            if (Files.exists(folder.resolve("lost+found"))) {
                run("umount", "--lazy", folder.toString());
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
