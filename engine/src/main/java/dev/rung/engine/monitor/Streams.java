package dev.rung.engine.monitor;

/** What a container's process gets as its standard streams. */
public sealed interface Streams {
    /**
     * Pipes.
     *
     * @param input whether stdin can be written to; else it is /dev/null
     */
    record Pipes(boolean input) implements Streams {}

    /** A terminal of that size at first; 0 leaves it as it is made. config.json must ask for it. */
    record Terminal(int rows, int columns) implements Streams {}
}
