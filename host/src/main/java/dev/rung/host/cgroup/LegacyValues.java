package dev.rung.host.cgroup;

import dev.rung.domain.Failure;

/** Values of a config, which are meant for version 1, in the terms of version 2. */
public final class LegacyValues {
    private LegacyValues() {}

    /**
     * Shares 2 to 262,144 with default 1,024 to weights 1 to 10,000 with default 100: the quadratic
     * in the logarithm that meets all three points, which runc and crun use since 2025.
     */
    public static long weight(long shares) {
        if (shares <= 2) {
            return 1;
        }
        if (shares >= 262_144) {
            return 10_000;
        }
        double log = Math.log((double) shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        return (long) Math.ceil(Math.pow(10, exponent));
    }

    /** memory.swap.max without the memory that config.json counts in; empty: leave as it is. */
    public static String swap(long limit, long both) {
        if (limit == -1 && both == 0) {
            return "max";
        }
        if (both == 0) {
            return "";
        }
        if (both == -1) {
            return "max";
        }
        if (limit == -1) {
            return Long.toString(both);
        }
        if (limit == 0) {
            throw new Failure.Invalid(
                    "config.json: linux.resources.memory.swap: unable to set swap limit without memory limit");
        }
        if (both < limit) {
            throw new Failure.Invalid(
                    "config.json: linux.resources.memory.swap: memory+swap limit should be >= memory limit");
        }
        return Long.toString(both - limit);
    }
}
