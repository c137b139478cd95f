package dev.rung.cli;

import java.util.List;

/** What is done to the engine itself. */
public interface EngineControl {
    /**
     * Reads the configuration anew. Invalid, and nothing is changed, where it cannot be.
     *
     * @return what has no effect, or not before the next start; a line each
     */
    List<String> reload();

    /**
     * Ends this process, as soon as those that it serves now have their answers; containers stay.
     * Who calls meanwhile gets another engine.
     */
    void leave();

    /** How it goes, in the OpenMetrics text format. */
    String metrics();
}
