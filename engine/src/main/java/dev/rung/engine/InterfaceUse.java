package dev.rung.engine;

import org.jspecify.annotations.Nullable;

/** What went over one link of a network namespace up to now (proc(5), /proc/net/dev). */
public record InterfaceUse(
        String name,
        long receivedBytes,
        long receivedPackets,
        long receiveErrors,
        long receiveDrops,
        long sentBytes,
        long sentPackets,
        long sendErrors,
        long sendDrops) {
    private static final int FIELDS = 16;

    /** A line of the file; null for a heading. */
    static @Nullable InterfaceUse of(String line) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            return null;
        }
        String[] fields = line.substring(colon + 1).strip().split(" +");
        if (fields.length < FIELDS) {
            return null;
        }
        var numbers = new long[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            numbers[i] = Long.parseUnsignedLong(fields[i]);
        }
        return new InterfaceUse(
                line.substring(0, colon).strip(),
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[8],
                numbers[9],
                numbers[10],
                numbers[11]);
    }
}
