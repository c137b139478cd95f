package dev.rung.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a container is.
 *
 * @param failures tests in a row that failed
 * @param results the last ones, the oldest first
 */
public record Health(Status status, long failures, List<Result> results) {
    private static final int KEPT = 5;

    /** Before the first test. */
    static final Health NEW = new Health(Status.STARTING, 0, List.of());

    /** Prints as in Docker. */
    public enum Status {
        STARTING("starting"),
        HEALTHY("healthy"),
        UNHEALTHY("unhealthy");

        private final String text;

        Status(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * One test.
     *
     * @param code 0: the container is well; -1: the test did not end in time, or could not be made
     * @param output the first 4 KiB of what the test said
     */
    public record Result(Instant start, Instant end, int code, String output) {}

    /**
     * The health after one more test.
     *
     * @param counts whether a failure counts already
     * @param retries after so many failures the container is not well
     */
    Health after(Result result, boolean counts, long retries) {
        var kept = new ArrayList<>(results);
        kept.add(result);
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
        if (result.code == 0) {
            return new Health(Status.HEALTHY, 0, List.copyOf(kept));
        } else if (status == Status.STARTING && !counts) {
            return new Health(Status.STARTING, failures, List.copyOf(kept));
        }
        Status next = failures + 1 >= retries ? Status.UNHEALTHY : status;
        return new Health(next, failures + 1, List.copyOf(kept));
    }
}
