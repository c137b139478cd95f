package dev.rung.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Takes the time of one thing after another. */
final class Stopwatch {
    private final Instant began;
    private final long beganNanos = System.nanoTime();
    private final List<Lap> laps = new ArrayList<>(8);
    private long lastNanos = beganNanos;

    /** What lay between two looks at System.nanoTime. */
    record Lap(String name, String detail, long fromNanos, long toNanos) {}

    Stopwatch(Instant began) {
        this.began = began;
    }

    /** What was done since the last lap is over. */
    void lap(String name, String detail) {
        long now = System.nanoTime();
        laps.add(new Lap(name, detail, lastNanos, now));
        lastNanos = now;
    }

    void lap(String name) {
        lap(name, "");
    }

    Instant began() {
        return began;
    }

    long beganNanos() {
        return beganNanos;
    }

    long lastNanos() {
        return lastNanos;
    }

    List<Lap> laps() {
        return laps;
    }
}
