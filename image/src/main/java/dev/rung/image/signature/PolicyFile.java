package dev.rung.image.signature;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that decides which images may come: where it cannot be read whole, none may. */
final class PolicyFile {
    private PolicyFile() {}

    /** Invalid when it is longer than so many KiB, HostRefused when it is not there. */
    static byte[] read(Path file, int largest) {
        try {
            if (Files.size(file) > largest * 1024L) {
                throw new Failure.Invalid(file + ": longer than " + largest + " KiB");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new Failure.HostRefused("read \"" + file + "\": no such file or directory", e);
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
        }
    }
}
