package dev.rung.engine.monitor;

import java.util.List;

/** What a monitor has its runtime do. */
public sealed interface MonitorVerb {
    /** The container is created; another process starts it. */
    record Create() implements MonitorVerb {}

    /** The container is made from the images of a checkpoint, and runs at once. */
    record Restore() implements MonitorVerb {}

    /**
     * A process is started in a container that runs; its monitor is one more beside the container's
     * own, with folders of its own. Whatever the options say of a terminal, the order's streams
     * must say too.
     *
     * @param words the program and its arguments; empty when the options name a file with the
     *     process
     */
    record Exec(List<String> words) implements MonitorVerb {
        public Exec {
            words = List.copyOf(words);
        }
    }
}
