package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.network.Prefix;
import java.util.List;
import java.util.regex.Pattern;

/** What may stand in fields of requests; Invalid, with the field's name. */
final class FieldRules {
    private static final int LONGEST_WORD = 253;
    private static final int LONGEST_HOSTNAME = 64;
    private static final long LAST_ID = 0xffff_fffeL;
    private static final int LAST_PORT = 65_535;
    private static final Pattern WORD = Pattern.compile("[a-zA-Z0-9_.-]+");
    private static final Pattern RESOLVER_WORD = Pattern.compile("[!-~]+");
    private static final Pattern CGROUP =
            Pattern.compile("/?[a-zA-Z0-9_.:@\\\\-]+(/[^/\\s\0]+)*/?");

    private FieldRules() {}

    private static Failure.Invalid wrong(String field, String value, String want) {
        String shown = value.length() > LONGEST_WORD ? value.substring(0, LONGEST_WORD) : value;
        return new Failure.Invalid(field + ": \"" + Printable.of(shown) + "\": want " + want);
    }

    static void require(String field, String value) {
        if (value.isEmpty()) {
            throw new Failure.Invalid(field + " is missing");
        }
    }

    /** A name of which others are made. */
    static void word(String field, String value) {
        require(field, value);
        if (value.length() > LONGEST_WORD || !WORD.matcher(value).matches()) {
            throw wrong(field, value, "up to 253 letters, digits, _, . and -");
        }
    }

    static void hostname(String field, String value) {
        if (value.length() > LONGEST_HOSTNAME
                || !value.isEmpty() && !WORD.matcher(value).matches()) {
            throw wrong(field, value, "up to 64 letters, digits, _, . and -");
        }
    }

    /** An absolute path. */
    static void path(String field, String value) {
        require(field, value);
        if (!value.startsWith("/") || value.indexOf('\0') >= 0) {
            throw wrong(field, value, "an absolute path");
        }
    }

    /** A path of cgroups, or a slice of systemd's; empty for none. */
    static void cgroup(String field, String value) {
        if (value.isEmpty()) {
            return;
        }
        boolean climbs = List.of(value.split("/")).contains("..");
        if (climbs || !value.equals("/") && !CGROUP.matcher(value).matches()) {
            throw wrong(field, value, "a path of cgroups or a slice");
        }
    }

    static void addresses(String field, List<String> values) {
        for (String value : values) {
            try {
                Prefix.parseAddress(value);
            } catch (Failure.Invalid _) {
                throw wrong(field, value, "an address");
            }
        }
    }

    /** Words of resolv.conf, in which each would begin a line of its own after a line's end. */
    static void resolverWords(String field, List<String> values) {
        for (String value : values) {
            if (!RESOLVER_WORD.matcher(value).matches()) {
                throw wrong(field, value, "a word without blanks");
            }
        }
    }

    /** A user or group. */
    static void id(String field, long value) {
        if (value < 0 || value > LAST_ID) {
            throw wrong(field, Long.toString(value), "0 to " + LAST_ID);
        }
    }

    /**
     * A port.
     *
     * @param least 0 where none need be given
     */
    static void port(String field, int least, int value) {
        if (value < least || value > LAST_PORT) {
            throw wrong(field, Integer.toString(value), least + " to " + LAST_PORT);
        }
    }

    /** The name of an environment's variable. */
    static void variable(String field, String name) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw wrong(field, name, "a name without =");
        }
    }
}
