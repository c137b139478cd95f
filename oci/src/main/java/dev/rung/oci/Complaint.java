package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;

/**
 * Words for a broken rule: runc's own first, because tools match on them, then file and key.
 *
 * @param file what the text is called
 * @param prefix what stands before every key, such as "process."
 */
record Complaint(String file, String prefix) {
    Failure.Invalid at(String key, String words) {
        return new Failure.Invalid(words + " (" + file + ": " + prefix + key + ")");
    }

    Failure.Invalid at(String key, int index, String words) {
        return at(key + "[" + index + "]", words);
    }

    /** A warning in the same form. */
    String note(String key, String words) {
        return words + " (" + file + ": " + prefix + key + ")";
    }

    static String quoted(String text) {
        return "\"" + Printable.of(text) + "\"";
    }

    /** The key of an entry in a map. */
    static String entry(String map, String name) {
        return map + "[" + quoted(name) + "]";
    }
}
