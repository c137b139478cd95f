package dev.rung.cri;

import java.util.HashMap;
import java.util.Map;

/** Processor time by time, from one question to the next. */
final class CpuRates {
    private static final long SECOND = 1_000_000_000L;

    /** Less tells more of the moment than of the container. */
    private static final long LEAST_NANOS = SECOND / 10;

    /** Of those that have gone nobody asks any more. */
    private static final long KEPT_NANOS = 600 * SECOND;

    private final Map<String, Sample> last = new HashMap<>();

    private record Sample(long used, long at, long rate) {}

    /** Nanoseconds in a second, since the last time that somebody asked; 0 the first time. */
    synchronized long rate(String id, long used, long now) {
        Sample before = last.get(id);
        if (before != null && now - before.at() < LEAST_NANOS) {
            return before.rate();
        }
        long rate = 0;
        if (before != null && used >= before.used()) {
            rate = (long) ((used - before.used()) * (double) SECOND / (now - before.at()));
        }
        if (before == null) {
            last.values().removeIf(each -> now - each.at() > KEPT_NANOS);
        }
        last.put(id, new Sample(used, now, rate));
        return rate;
    }
}
