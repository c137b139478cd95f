package dev.rung.image.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often and after which pauses something is tried again: doubled each time, with some chance in
 * it, so that many clients do not come back at once.
 *
 * @param attempts in all, without progress between them
 * @param first pause
 * @param longest pause, also the longest that a registry may ask for
 */
public record Backoff(int attempts, Duration first, Duration longest) {
    public static final Backoff USUAL =
            new Backoff(5, Duration.ofMillis(500), Duration.ofSeconds(30));

    /** After so many attempts, from 1. */
    Duration pause(int attempt) {
        long most = Math.min(first.toMillis() << Math.min(attempt - 1, 20), longest.toMillis());
        return Duration.ofMillis(
                most / 2 + ThreadLocalRandom.current().nextLong(Math.max(most / 2, 1)));
    }
}
