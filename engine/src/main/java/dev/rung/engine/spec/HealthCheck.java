package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How it is found out whether a container is well (Docker's Healthcheck); times are in nanoseconds,
 * 0 for the default.
 *
 * @param test its first element says how the others are run: NONE, CMD or CMD-SHELL; empty: what
 *     the image says
 * @param startPeriodNs failures do not count for so long
 * @param startIntervalNs between two tests meanwhile
 * @param retries after so many failures in a row it is not well
 */
public record HealthCheck(
        List<String> test,
        long intervalNs,
        long timeoutNs,
        long startPeriodNs,
        long startIntervalNs,
        long retries) {
    private static final long LEAST_NS = 1_000_000;
    private static final long USUAL_NS = 30_000_000_000L;
    private static final long USUAL_START_NS = 5_000_000_000L;
    private static final long USUAL_RETRIES = 3;

    public HealthCheck {
        test = List.copyOf(test);
        least("Interval", intervalNs);
        least("Timeout", timeoutNs);
        least("StartPeriod", startPeriodNs);
        least("StartInterval", startIntervalNs);
        if (retries < 0) {
            throw new Failure.Invalid("Retries in Healthcheck cannot be negative");
        }
    }

    private static void least(String name, long nanos) {
        if (nanos != 0 && nanos < LEAST_NS) {
            throw new Failure.Invalid(name + " in Healthcheck cannot be less than 1ms");
        }
    }

    /** Whether there is anything to be done. */
    public boolean isOn() {
        return test.size() > 1 && !test.getFirst().equals("NONE");
    }

    /** What is run in the container. */
    public List<String> argv() {
        List<String> rest = test.subList(1, test.size());
        if (!test.getFirst().equals("CMD-SHELL")) {
            return rest;
        }
        var argv = new ArrayList<>(List.of("/bin/sh", "-c"));
        argv.addAll(rest);
        return List.copyOf(argv);
    }

    public Duration interval() {
        return Duration.ofNanos(intervalNs == 0 ? USUAL_NS : intervalNs);
    }

    public Duration timeout() {
        return Duration.ofNanos(timeoutNs == 0 ? USUAL_NS : timeoutNs);
    }

    public Duration startPeriod() {
        return Duration.ofNanos(startPeriodNs);
    }

    public Duration startInterval() {
        return Duration.ofNanos(startIntervalNs == 0 ? USUAL_START_NS : startIntervalNs);
    }

    public long effectiveRetries() {
        return retries == 0 ? USUAL_RETRIES : retries;
    }

    /** What was asked for, with the other's where nothing was. */
    public static @Nullable HealthCheck merged(
            @Nullable HealthCheck asked, @Nullable HealthCheck other) {
        if (asked == null || other == null) {
            return asked == null ? other : asked;
        } else if (!asked.test.isEmpty() && asked.test.getFirst().equals("NONE")) {
            return asked;
        }
        return new HealthCheck(
                asked.test.isEmpty() ? other.test : asked.test,
                asked.intervalNs == 0 ? other.intervalNs : asked.intervalNs,
                asked.timeoutNs == 0 ? other.timeoutNs : asked.timeoutNs,
                asked.startPeriodNs == 0 ? other.startPeriodNs : asked.startPeriodNs,
                asked.startIntervalNs == 0 ? other.startIntervalNs : asked.startIntervalNs,
                asked.retries == 0 ? other.retries : asked.retries);
    }

    static @Nullable HealthCheck read(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new HealthCheck(
                fields.texts("Test"),
                fields.integerOr("Interval", 0, Long.MAX_VALUE, 0),
                fields.integerOr("Timeout", 0, Long.MAX_VALUE, 0),
                fields.integerOr("StartPeriod", 0, Long.MAX_VALUE, 0),
                fields.integerOr("StartInterval", 0, Long.MAX_VALUE, 0),
                fields.integerOr("Retries", 0, Integer.MAX_VALUE, 0));
    }

    public void write(JsonWriter to) {
        to.beginObject().field("Test", test);
        number(to, "Interval", intervalNs);
        number(to, "Timeout", timeoutNs);
        number(to, "StartPeriod", startPeriodNs);
        number(to, "StartInterval", startIntervalNs);
        number(to, "Retries", retries);
        to.endObject();
    }

    private static void number(JsonWriter to, String name, long value) {
        if (value != 0) {
            to.field(name, value);
        }
    }
}
