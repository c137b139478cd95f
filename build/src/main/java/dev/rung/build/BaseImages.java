package dev.rung.build;

import java.util.function.Consumer;

/** Fetches images that builds begin with; called by several threads at once. */
public interface BaseImages {
    /**
     * Fetches an image, which then is in the store.
     *
     * @param name as the Dockerfile has it
     * @param platform empty: this machine's
     * @param line is told of progress
     */
    void pull(String name, String platform, Consumer<String> line) throws InterruptedException;
}
