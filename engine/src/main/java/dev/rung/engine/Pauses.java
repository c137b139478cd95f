package dev.rung.engine;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which containers may be standing still, and for whom: written down before they do, among what is
 * lost with the machine, for an engine that takes over.
 */
final class Pauses {
    private static final String NAME = "paused";

    private Pauses() {}

    /** Whom it stands still for. */
    enum Reason {
        /** Somebody who has asked for it, and will ask for its end. */
        PERSON,
        /** A commit; it goes on afterwards by itself. */
        COMMIT,
        /** Nobody, as far as is known. */
        NONE
    }

    static void note(Container container, Reason reason) {
        Path file = file(container);
        try {
            Files.writeString(file, reason.name());
        } catch (IOException e) {
            throw new Failure.HostRefused("write \"" + file + "\": " + e.getMessage(), e);
        }
    }

    static void forget(Container container) {
        Path file = file(container);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new Failure.HostRefused("remove \"" + file + "\": " + e.getMessage(), e);
        }
    }

    static Reason noted(Container container) {
        Path file = file(container);
        try {
            return Files.readString(file).equals(Reason.COMMIT.name())
                    ? Reason.COMMIT
                    : Reason.PERSON;
        } catch (NoSuchFileException _) {
            return Reason.NONE;
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private static Path file(Container container) {
        return container.folders.running().resolve(NAME);
    }
}
