package dev.rung.host.bpf;

import org.jspecify.annotations.Nullable;

/**
 * The devices that a rule is about.
 *
 * @param block else character devices
 * @param major {@link #ANY} or the number
 * @param minor {@link #ANY} or the number
 */
record Devices(boolean block, long major, long minor) {
    static final long ANY = -1;

    // Written out: what the JVM makes of a record at the first use costs eight classes.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Devices devices
                && block == devices.block
                && major == devices.major
                && minor == devices.minor;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(major) + Long.hashCode(minor)) + Boolean.hashCode(block);
    }

    /** As devices.allow takes it, such as "c 1:3 rwm". */
    String line(int access) {
        return (block ? "b " : "c ")
                + number(major)
                + ":"
                + number(minor)
                + " "
                + Access.letters(access);
    }

    private static String number(long number) {
        return number == ANY ? "*" : Long.toString(number);
    }
}
