package dev.rung.host.compile;

import dev.rung.domain.Printable;

/** Text in double quotes for a message, with what is not printable escaped. */
final class Quoted {
    private Quoted() {}

    static String of(String text) {
        return '"' + Printable.of(text) + '"';
    }
}
