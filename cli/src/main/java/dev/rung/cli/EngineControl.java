package dev.rung.cli;

import java.util.List;
import java.util.Map;

/** What is done to the engine itself. */
public interface EngineControl {
    /**
     * Reads the configuration anew. Invalid, and nothing is changed, where it cannot be.
     *
     * @return what has no effect, or not before the next start; a line each
     */
    List<String> reload();

    /**
     * What another engine's configuration comes to here, as a rung.toml whose comments say what has
     * no meaning, and why. Invalid with file and place where it cannot be understood.
     *
     * @param engine containerd or crio
     * @param texts by their names: a file, and its drop-ins
     */
    String imported(String engine, Map<String, String> texts);

    /**
     * Ends this process, as soon as those that it serves now have their answers; containers stay.
     * Who calls meanwhile gets another engine.
     */
    void leave();

    /** How it goes, in the OpenMetrics text format. */
    String metrics();
}
