package dev.rung.host.bpf;

/**
 * The devices that a rule is about.
 *
 * @param block else character devices
 * @param major {@link #ANY} or the number
 * @param minor {@link #ANY} or the number
 */
record Devices(boolean block, long major, long minor) {
    static final long ANY = -1;

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
