package dev.rung.docker;

import dev.rung.domain.Failure;

/** A version of Docker's API, such as 1.51: only the second number ever changed. */
record ApiVersion(int minor) {
    static final ApiVersion OLDEST = new ApiVersion(24);
    static final ApiVersion NEWEST = new ApiVersion(51);

    /** Reads what is behind the v of a path. Invalid, as in Docker, for one that is not served. */
    static ApiVersion parse(String text) {
        int minor = Integer.parseInt(text.substring(2));
        if (!text.startsWith("1.") || minor > NEWEST.minor) {
            throw new Failure.Invalid(
                    "client version "
                            + text
                            + " is too new. Maximum supported API version is "
                            + NEWEST);
        } else if (minor < OLDEST.minor) {
            throw new Failure.Invalid(
                    "client version "
                            + text
                            + " is too old. Minimum supported API version is "
                            + OLDEST
                            + ", please upgrade your client to a newer version");
        }
        return new ApiVersion(minor);
    }

    /** Whether a part of a path is a version at all. */
    static boolean isVersion(String part) {
        return part.matches("v[0-9]\\.[0-9]{1,3}");
    }

    boolean isBefore(int other) {
        return minor < other;
    }

    /** Whether an image has its size under another name, too. */
    boolean hasVirtualSizes() {
        return isBefore(44);
    }

    /** Whether a list of containers tells their annotations. */
    boolean listsAnnotations() {
        return !isBefore(46);
    }

    @Override
    public String toString() {
        return "1." + minor;
    }
}
