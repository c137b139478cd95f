package dev.rung.host.systemd;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.BitSet;

/** Lists such as "0-2,5" as systemd takes them: a bit for each number, the lowest byte first. */
final class Bits {
    private static final int HIGHEST = 1 << 16;

    private Bits() {}

    static byte[] of(String list, String key) {
        var bits = new BitSet();
        for (String part : list.split(",", -1)) {
            String range = part.strip();
            if (!range.isEmpty()) {
                int dash = range.indexOf('-');
                int from = number(dash < 0 ? range : range.substring(0, dash), list, key);
                int to = dash < 0 ? from : number(range.substring(dash + 1), list, key);
                if (from > to) {
                    throw wrong(list, key);
                }
                bits.set(from, to + 1);
            }
        }
        if (bits.isEmpty()) {
            throw wrong(list, key);
        }
        return bits.toByteArray();
    }

    private static int number(String text, String list, String key) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number < HIGHEST) {
                return number;
            }
        } catch (NumberFormatException _) {
            // the same as a number that is too big
        }
        throw wrong(list, key);
    }

    private static Failure.Invalid wrong(String list, String key) {
        return new Failure.Invalid(
                key + "=\"" + Printable.of(list) + "\": want a list such as 0-2,5");
    }
}
