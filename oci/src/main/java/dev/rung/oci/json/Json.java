package dev.rung.oci.json;

import dev.rung.domain.Failure;

/** A JSON value (RFC 8259). Immutable. */
public sealed interface Json
        permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull {
    /** The biggest text that is read, in bytes. */
    int LARGEST = 8 << 20;

    /** How deep arrays and objects may nest. */
    int DEEPEST = 128;

    /** How many values one text may hold: it bounds the memory that a hostile text can take. */
    int MOST_VALUES = 250_000;

    /**
     * Reads one JSON value in UTF-8 that fills the whole text. As with Go's decoder bytes that are
     * not UTF-8 and lone surrogates become U+FFFD, and the last of duplicate names wins.
     *
     * @param file what errors call the text
     * @throws Failure.Invalid with file, line and column, and what was expected
     */
    static Json read(String file, byte[] text) {
        return new JsonParser(file, text, false).document();
    }

    /**
     * The same of a text in which a name that an object has twice is a mistake, not an older value.
     */
    static Json readUnique(String file, byte[] text) {
        return new JsonParser(file, text, true).document();
    }

    /** What this is, for messages: "an object", "a string", ... */
    String kind();
}
