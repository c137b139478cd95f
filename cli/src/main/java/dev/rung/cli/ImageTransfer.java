package dev.rung.cli;

import java.util.function.Consumer;

/** Images on their way in. */
public interface ImageTransfer {
    /**
     * Pulls an image and unpacks it.
     *
     * @param name as a person wrote it
     * @param platform as os/architecture[/variant], empty: this machine's
     * @param line told of progress, line by line
     * @return the digest of what the name points at now
     */
    String pull(String name, String platform, Consumer<String> line);
}
