package dev.rung.host.compile;

import dev.rung.domain.Failure;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lines such as L3:0=7f0;1=1f of the resctrl file system, which writes them its own way: blanks
 * before a name, zeros before a number, caches in their order.
 */
public final class Schemata {
    private Schemata() {}

    /**
     * Invalid when a line, or what it says of a cache, is not among those of a group.
     *
     * @param folder of the group, for the message
     * @param schemata what its file of this name holds
     */
    public static void check(String folder, Iterable<String> wanted, String schemata) {
        var present = new TreeMap<String, String>();
        schemata.lines().forEach(line -> read(line, present));
        for (String line : wanted) {
            var asked = new TreeMap<String, String>();
            read(line, asked);
            for (Map.Entry<String, String> entry : asked.entrySet()) {
                if (!entry.getValue().equals(present.get(entry.getKey()))) {
                    throw new Failure.Invalid(
                            "intelrdt: "
                                    + Quoted.of(line)
                                    + " does not match the schemata of the existing "
                                    + folder
                                    + " (config.json: linux.intelRdt)");
                }
            }
        }
    }

    /** Values by resource and cache. */
    private static void read(String line, Map<String, String> into) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            return;
        }
        String resource = line.substring(0, colon).strip();
        for (String part : line.substring(colon + 1).split(";")) {
            int equals = part.indexOf('=');
            if (equals >= 0) {
                into.put(
                        resource + ":" + plain(part.substring(0, equals)),
                        plain(part.substring(equals + 1)));
            }
        }
    }

    private static String plain(String number) {
        String digits = number.strip().toLowerCase(Locale.ROOT);
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        return digits.substring(zeros);
    }
}
