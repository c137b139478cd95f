package dev.rung.image.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the keeping of credentials needs of the person whose they are, with that one's rights. */
public interface PersonalSide {
    /** The person's environment. */
    Map<String, String> environment();

    /** The config.json; null when there is none. */
    byte @Nullable [] read();

    /** Puts this in its place, for its owner alone. */
    void replace(byte[] text);

    /**
     * Runs a program of that name, found in the person's PATH, with one word and the input.
     * Unavailable when there is none, or it takes too long.
     */
    Answer run(String program, String word, String input);

    /**
     * How a program ended.
     *
     * @param good whether it exited with 0
     * @param text what it printed
     */
    record Answer(boolean good, String text) {}
}
