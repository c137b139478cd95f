package dev.rung.engine;

import dev.rung.engine.monitor.ContainerFolders;

/**
 * Waits for the next run of a container, to be there from its first byte on. Does not wait long.
 */
public interface Attendant {
    /** The container is created, and its process is about to run. */
    void created(ContainerFolders folders);

    /** Nothing runs: the start failed, or the container was removed before there was one. */
    void dismissed();
}
