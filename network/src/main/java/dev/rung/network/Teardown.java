package dev.rung.network;

/** How an endpoint's links go. */
public enum Teardown {
    /** The container's network namespace lives on: they are removed, which waits for the kernel. */
    NOW,

    /**
     * The namespace ends, or has ended, with the container's last process: the kernel removes them
     * with it, and nobody waits. Nothing may keep the namespace open.
     */
    WITH_NAMESPACE
}
