package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * crun's form of the mount options idmap and ridmap that carries mappings, such as {@code
 * idmap=uids=0-1-10#10-11-10;gids=0-100-10}: triplets of first id inside, first id outside and
 * count. Differs: mappings relative to the container's ("@") are refused.
 */
record IdMapOption(String option, List<IdMapping> uids, List<IdMapping> gids) {
    static boolean is(String option) {
        return option.startsWith("idmap=") || option.startsWith("ridmap=");
    }

    /** Invalid, with no more than the reason. */
    static IdMapOption of(String text) {
        int equals = text.indexOf('=');
        List<IdMapping> uids = List.of();
        List<IdMapping> gids = List.of();
        int at = equals + 1;
        while (at <= text.length()) {
            int semicolon = text.indexOf(';', at);
            int end = semicolon < 0 ? text.length() : semicolon;
            if (text.startsWith("uids=", at)) {
                uids = ranges(text.substring(at + 5, end));
            } else if (text.startsWith("gids=", at)) {
                gids = ranges(text.substring(at + 5, end));
            } else {
                throw wrong(text.substring(at, end));
            }
            at = end + 1;
        }
        return new IdMapOption(text.substring(0, equals), uids, gids);
    }

    private static List<IdMapping> ranges(String text) {
        var list = new ArrayList<IdMapping>();
        int at = 0;
        while (at <= text.length()) {
            int hash = text.indexOf('#', at);
            int end = hash < 0 ? text.length() : hash;
            String range = text.substring(at, end);
            int first = range.indexOf('-');
            int second = range.indexOf('-', first + 1);
            if (first < 0 || second < 0) {
                throw wrong(range);
            }
            list.add(
                    new IdMapping(
                            number(range.substring(0, first)),
                            number(range.substring(first + 1, second)),
                            number(range.substring(second + 1))));
            at = end + 1;
        }
        return List.copyOf(list);
    }

    private static long number(String digits) {
        boolean good = !digits.isEmpty() && digits.length() <= 10;
        long value = 0;
        for (int i = 0; good && i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            good = digit >= 0 && digit <= 9;
            value = value * 10 + digit;
        }
        if (!good || value > 0xffff_ffffL) {
            throw wrong(digits);
        }
        return value;
    }

    private static Failure.Invalid wrong(String got) {
        return new Failure.Invalid(
                "want mappings such as uids=0-1000-1#1-100000-65536;gids=0-1000-1, got \""
                        + Printable.of(got)
                        + "\"");
    }
}
