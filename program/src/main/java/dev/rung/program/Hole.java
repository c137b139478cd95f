package dev.rung.program;

/**
 * Bytes of a program's data area that are written while it runs: by a {@link ControlStep.Decimal},
 * by a call, or by a patch of a {@link ControlStep.Phase}. A NUL follows the last byte. Made by
 * {@link Assembly#hole}, and good only in that program.
 *
 * @param at offset in the data area, as patches name it
 */
public record Hole(int at, int size) implements Text, Bytes {
    /** What the digits of any number and their closing NUL need. */
    public static final int DIGITS = 21;

    public Hole {
        if (at < 0 || size < 0) {
            throw new IllegalArgumentException("hole at " + at + " of " + size + " bytes");
        }
    }

    /** A hole inside this one. */
    public Hole part(int from, int length) {
        if (from < 0 || length < 0 || length > size - from) {
            throw new IllegalArgumentException(
                    "bytes " + from + " to " + (from + length) + " of a hole of " + size);
        }
        return new Hole(at + from, length);
    }

    /** All from this byte on. */
    public Hole from(int start) {
        return part(start, size - start);
    }

    @Override
    public int length() {
        return size;
    }
}
