package dev.rung.engine.forward;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is sent at once: a line without its end, or a part of one.
 *
 * @param error whether it was written to stderr
 * @param part null for a line that came in one piece
 */
public record LogEntry(String text, boolean error, Instant time, @Nullable Part part) {
    /**
     * Which part of a long line it is.
     *
     * @param id of the line
     * @param number counts from 1
     */
    public record Part(String id, int number, boolean last) {}
}
