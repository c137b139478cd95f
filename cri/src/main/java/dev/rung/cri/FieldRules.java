package dev.rung.cri;

import com.google.protobuf.MessageLite;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.network.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What may stand in fields of requests; Invalid, with the field's name. */
final class FieldRules {
    private static final int LONGEST_WORD = 253;
    private static final int LONGEST_HOSTNAME = 64;
    private static final long LAST_ID = 0xffff_fffeL;
    private static final int LAST_PORT = 65_535;

    /** Far more than an object of Kubernetes has room for, which is 1.5 MiB with all there is. */
    private static final int MOST_ENTRIES = 10_000;

    /** Kubernetes allows an object 256 KiB of annotations; a kubelet adds some of its own. */
    private static final int LARGEST_MAP = 1 << 20;

    /** What is asked for is a part of its record, twice, and that can be read up to 8 MiB. */
    private static final int LARGEST_CONFIG = 3 << 20;

    /** Without the NUL at its end (limits.h of Linux, PATH_MAX). */
    private static final int LONGEST_PATH = 4095;

    /** The same of a string for execve(2) (binfmts.h of Linux, MAX_ARG_STRLEN). */
    private static final int LONGEST_STRING = 131_071;

    private static final Pattern WORD = Pattern.compile("[a-zA-Z0-9_.-]+");
    private static final Pattern RESOLVER_WORD = Pattern.compile("[!-~]+");
    private static final Pattern CGROUP =
            Pattern.compile("/?[a-zA-Z0-9_.:@\\\\-]+(/[^/\\s\0]+)*/?");

    private FieldRules() {}

    private static Failure.Invalid wrong(String field, String value, String want) {
        String shown = value.length() > LONGEST_WORD ? value.substring(0, LONGEST_WORD) : value;
        return new Failure.Invalid(field + ": \"" + Printable.of(shown) + "\": want " + want);
    }

    /** A whole config. */
    static void config(String field, MessageLite config) {
        size(field, config.getSerializedSize(), LARGEST_CONFIG);
    }

    private static void size(String field, long bytes, int most) {
        if (bytes > most) {
            throw new Failure.Invalid(field + ": " + bytes + " bytes: want up to " + most);
        }
    }

    /** How many entries a field has. */
    static void entries(String field, int count) {
        if (count > MOST_ENTRIES) {
            throw new Failure.Invalid(
                    field + ": " + count + " entries: want up to " + MOST_ENTRIES);
        }
    }

    /** Labels, annotations, and the like. */
    static void map(String field, Map<String, String> map) {
        entries(field, map.size());
        long bytes = 0;
        for (Map.Entry<String, String> each : map.entrySet()) {
            bytes += bytes(each.getKey()) + bytes(each.getValue());
        }
        size(field, bytes, LARGEST_MAP);
    }

    /** Strings for a program, each as long as Linux takes one. */
    static void strings(String field, List<String> values) {
        entries(field, values.size());
        for (String value : values) {
            size(field, bytes(value), LONGEST_STRING);
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
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
        pathLength(field, value);
        if (!value.startsWith("/") || value.indexOf('\0') >= 0) {
            throw wrong(field, value, "an absolute path");
        }
    }

    /** As long as the kernel takes one. */
    static void pathLength(String field, String value) {
        size(field, bytes(value), LONGEST_PATH);
    }

    /** A path of cgroups, or a slice of systemd's; empty for none. */
    static void cgroup(String field, String value) {
        if (value.isEmpty()) {
            return;
        }
        pathLength(field, value);
        boolean climbs = List.of(value.split("/")).contains("..");
        if (climbs || !value.equals("/") && !CGROUP.matcher(value).matches()) {
            throw wrong(field, value, "a path of cgroups or a slice");
        }
    }

    static void addresses(String field, List<String> values) {
        entries(field, values.size());
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
        entries(field, values.size());
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
